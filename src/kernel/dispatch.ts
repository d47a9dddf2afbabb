/**
 * The main loop: takes events from the platform, answers them, and lets threads run again (gVisor: kernel.Task.run).
 *
 * Two ways lead back to the guest. The fast one is `answer`: a number goes into a register, and the thread is resumed. Whatever
 * sets `task.attention` (a signal, a stop, an end, registers set by the call) takes the slow one, `leave`.
 */
import {
  EAGAIN,
  EINTR,
  ENOMEM,
  ERESTARTNOHAND,
  ERESTARTNOINTR,
  ERESTARTSYS,
  ERESTART_RESTARTBLOCK,
} from '../linux/errno.ts';
import { SI_KERNEL } from '../linux/siginfo.ts';
import { BUS_ADRERR } from '../linux/mman.ts';
import { SIGNALS } from '../linux/signals.ts';
import { BrokenGuest } from '../platform/broken-guest.ts';
import { Exhausted } from '../platform/exhausted.ts';
import { OutOfMemory } from '../platform/out-of-memory.ts';
import type { Thread } from '../platform/platform.ts';
import { Failure } from './failure.ts';
import type { Kernel } from './kernel.ts';
import { fault as refusedAccess } from './memory/fault.ts';
import { deliver, takeSignal } from './signals/deliver.ts';
import { forceSignal } from './signals/force.ts';
import { hold } from './signals/job-control.ts';
import { endGroup, exitTask } from './tasks/exit.ts';
import type { Task } from './tasks/task.ts';

/** How many events go by before the loop looks at the time. */
const EVENTS_PER_LOOK = 64;
/** Node's event loop gets a turn this often while guests are busy, milliseconds. */
const TURN = 2;
/** Promises that follow each other until a woken call has its result. */
const MOST_TICKS = 16;
/** To await it is to let the microtasks run once. */
const SETTLED = Promise.resolve();

/** Runs guests until the first process has ended. */
export async function runKernel(kernel: Kernel): Promise<void> {
  const { platform, settling } = kernel;
  let turned = kernel.clock.monotonic();
  let budget = EVENTS_PER_LOOK;
  while (kernel.exitStatus === undefined) {
    const thread = platform.next();
    if (thread !== undefined) handle(kernel, thread);
    if (kernel.deferred.length > 0 || settling.size > 0) {
      kernel.retry();
      if (settling.size > 0) await settle(settling);
      if (--budget > 0) continue;
    } else if (thread !== undefined && --budget > 0) continue;
    budget = EVENTS_PER_LOOK;
    const now = kernel.clock.monotonic();
    kernel.timers.run(now);
    if (thread === undefined) await idle(kernel);
    else if (now - turned < TURN) continue;
    else await new Promise(setImmediate);
    turned = kernel.clock.monotonic();
  }
}

/** Lets the calls whose waits are over come to their results. */
async function settle(settling: Set<Task>): Promise<void> {
  for (let tick = 0; settling.size > 0 && tick < MOST_TICKS; tick++) await SETTLED;
  settling.clear();
}

async function idle(kernel: Kernel): Promise<void> {
  if (kernel.deferred.length === 0 && kernel.settling.size === 0) await kernel.park();
}

function handle(kernel: Kernel, thread: Thread): void {
  const task = thread.owner as Task | undefined;
  if (task === undefined || task.dead) return;
  kernel.current = task;
  if (thread.event === 'syscall') {
    begin(kernel, task);
  } else {
    if (thread.event === 'fault') fault(task);
    else if (thread.event === 'lost') return lose(kernel, task);
    leave(kernel, task);
  }
  kernel.current = undefined;
}

function begin(kernel: Kernel, task: Task): void {
  if (kernel.tracer || kernel.statistics) observe(kernel, task);
  else answer(kernel, task, invoke(kernel, task));
}

function invoke(kernel: Kernel, task: Task): number | Promise<number> {
  const { thread } = task;
  const handler = kernel.table.handlers[thread.number] ?? kernel.table.unknown;
  try {
    return handler(task, thread.args);
  } catch (error) {
    return failed(kernel, task, error);
  }
}

function answer(kernel: Kernel, task: Task, result: number | Promise<number>): void {
  if (typeof result !== 'number') wait(kernel, task, result);
  else if (task.attention) {
    task.result = result;
    leave(kernel, task);
  } else {
    const { thread } = task;
    thread.setResult(result);
    kernel.platform.resume(thread);
  }
}

/** The call is over when the promise is, unless the task has ended meanwhile. */
function wait(kernel: Kernel, task: Task, promise: Promise<number>): void {
  const call = ++task.call;
  task.waiting = true;
  task.cpu.pause();
  task.thread.idle();
  const finish = (result: number) => {
    kernel.settling.delete(task);
    if (task.call !== call || task.dead) return;
    task.waiting = false;
    task.cpu.resume();
    task.endCall();
    kernel.wake();
    answer(kernel, task, result);
  };
  promise
    .then(finish, (error) => finish(failed(kernel, task, error)))
    .catch((error: unknown) => kernel.breakDown(error));
}

/** Answers a call whose handler has thrown. Anything but a Failure is a bug of ours, and ends the process. */
function failed(kernel: Kernel, task: Task, error: unknown): number {
  if (error instanceof Failure) return -error.errno;
  if (error instanceof OutOfMemory) return -ENOMEM;
  if (error instanceof Exhausted) return -EAGAIN;
  const { number } = task.thread;
  const name = kernel.table.names[number] ?? `call ${number}`;
  if (error instanceof BrokenGuest) kernel.report(`task ${task.tid} (${task.name}) ends: ${error.message}`);
  else {
    kernel.report(
      `${name} of task ${task.tid} (${task.name}) failed inside the kernel, and ends the process: ${trace(error)}`,
    );
  }
  endGroup(task.group, SIGNALS.SIGKILL);
  task.attention = true;
  return -EINTR;
}

function trace(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** A call that is traced or counted. */
function observe(kernel: Kernel, task: Task): void {
  const { tracer, statistics } = kernel;
  const { number } = task.thread;
  const args = tracer ? task.thread.args.slice() : task.thread.args;
  tracer?.enter(task, number, args);
  statistics?.enter();
  const result = invoke(kernel, task);
  statistics?.exit(number, task.thread.patched === true);
  if (typeof result === 'number') tracer?.exit(task, number, args, result);
  else if (tracer) {
    tracer.waits?.(task);
    void result.then(
      (value) => tracer.exit(task, number, args, value),
      (error) => {
        if (error instanceof Failure) tracer.exit(task, number, args, -error.errno);
      },
    );
  }
  answer(kernel, task, result);
}

function fault(task: Task): void {
  const { signal, code, address, write, execute } = task.thread.fault;
  const ofMemory =
    signal === SIGNALS.SIGSEGV ? code !== SI_KERNEL : signal === SIGNALS.SIGBUS && code === BUS_ADRERR;
  const meant = ofMemory ? refusedAccess(task.mm, address, write, execute) : { signal, code };
  if (!meant) return;
  if (meant.signal === SIGNALS.SIGKILL) task.kernel.outOfMemory = true;
  task.lastFault = { address, write, execute, code: meant.code };
  forceSignal(task, { ...meant, address });
}

/** The guest's host process is gone: the host has killed it, or the guest has broken it. */
function lose(kernel: Kernel, task: Task): void {
  kernel.report(`the host process of task ${task.tid} (${task.name}) is gone`);
  endGroup(task.group, SIGNALS.SIGKILL);
  exitTask(task, SIGNALS.SIGKILL);
  kernel.current = undefined;
}

/** The slow way back to the guest (Linux: exit_to_user_mode_loop): signals, stops and the end come first. */
export function leave(kernel: Kernel, task: Task): void {
  if (task.dead) return;
  kernel.current = task;
  if (task.registersComplete) {
    task.registersComplete = false;
    task.result = undefined;
  }
  if (ready(kernel, task)) resume(kernel, task);
  kernel.current = undefined;
}

/** @returns whether the guest may run; otherwise the task has ended, is held, or comes back here later */
function ready(kernel: Kernel, task: Task): boolean {
  const { group } = task;
  while (task.attention) {
    if (group.ending || task.doomed) return gone(task);
    if (group.stopping) return held(task);
    const info = takeSignal(task);
    if (!info) {
      task.attention = false;
      restoreMask(task);
      continue;
    }
    const delivery = deliver(task, info);
    if (delivery) {
      afterDelivery(kernel, task, delivery);
      return false;
    }
  }
  return true;
}

function gone(task: Task): false {
  exitTask(task, task.group.exitStatus ?? 0);
  return false;
}

function held(task: Task): false {
  hold(task);
  return false;
}

/** No handler has run: what sigsuspend or ppoll has changed ends with the call. */
function restoreMask(task: Task): void {
  const saved = task.savedMask;
  if (!saved) return;
  task.savedMask = undefined;
  task.setMask(saved.low, saved.high);
}

/** A frame that had to wait for the vector registers. */
function afterDelivery(kernel: Kernel, task: Task, delivery: Promise<void>): void {
  const call = ++task.call;
  task.waiting = true;
  const finish = () => {
    if (task.call !== call || task.dead) return;
    task.waiting = false;
    kernel.wake();
    leave(kernel, task);
  };
  const notDelivered = (error: unknown) => {
    if (!(error instanceof Failure)) failed(kernel, task, error);
    else forceSignal(task, { signal: SIGNALS.SIGSEGV, code: SI_KERNEL });
    finish();
  };
  delivery.then(finish, notDelivered).catch((error: unknown) => kernel.breakDown(error));
}

function resume(kernel: Kernel, task: Task): void {
  const { thread, result } = task;
  task.result = undefined;
  if (result !== undefined) {
    if (isRestart(result)) return again(kernel, task, result);
    thread.setResult(result);
  }
  task.restartBlock = undefined;
  kernel.platform.resume(thread);
}

export function isRestart(result: number): boolean {
  return (
    result === -ERESTARTSYS ||
    result === -ERESTARTNOINTR ||
    result === -ERESTARTNOHAND ||
    result === -ERESTART_RESTARTBLOCK
  );
}

/** Nothing has come of the interruption but a stop or nothing at all: the call goes on, and the guest has not noticed. */
function again(kernel: Kernel, task: Task, result: number): void {
  const block = task.restartBlock;
  if (result !== -ERESTART_RESTARTBLOCK || !block) return begin(kernel, task);
  task.restartBlock = undefined;
  try {
    answer(kernel, task, block(task));
  } catch (error) {
    answer(kernel, task, failed(kernel, task, error));
  }
}
