/** Signals as a process sees its own: actions, masks, stacks, and waiting for them (signal(7)). */
import {
  EAGAIN,
  EFAULT,
  EINTR,
  EINVAL,
  ENOMEM,
  EPERM,
  ERESTARTNOHAND,
  ERESTARTSYS,
  ETIMEDOUT,
} from '../../linux/errno.ts';
import { encodeSignalInfo, SI_KERNEL, type SignalInfo } from '../../linux/siginfo.ts';
import { SIGNALS } from '../../linux/signals.ts';
import { Failure } from '../failure.ts';
import type { UserMemory } from '../memory/user-memory.ts';
import { type SignalAction, UNCATCHABLE } from '../signals/actions.ts';
import { AlternateStack, SS_AUTODISARM, SS_DISABLE, SS_ONSTACK } from '../signals/alternate-stack.ts';
import { forceSignal } from '../signals/force.ts';
import { leaveHandler } from '../signals/frame-x86-64.ts';
import { SignalSet } from '../signals/signal-set.ts';
import type { Task } from '../tasks/task.ts';
import { deadlineAfter, readTimeout } from './deadline.ts';
import type { SyscallFamily } from './handler.ts';
import { senders } from './kill.ts';

/** sigset_t of the kernel's interface, bytes. */
const SET_SIZE = 8;
/** Smallest alternate stack (MINSIGSTKSZ). */
const LEAST_STACK = 2048;

const SIG_BLOCK = 0;
const SIG_UNBLOCK = 1;
const SIG_SETMASK = 2;

function readSet(memory: UserMemory, address: number): SignalSet {
  return new SignalSet(memory.readI32(address), memory.readI32(address + 4));
}

function writeSet(memory: UserMemory, address: number, set: SignalSet): void {
  memory.writeU32(address, set.low);
  memory.writeU32(address + 4, set.high);
}

/** struct sigaction as the kernel has it: handler, flags, restorer, mask. */
function readAction(memory: UserMemory, address: number): SignalAction {
  const mask = readSet(memory, address + 24);
  mask.deleteAll(UNCATCHABLE);
  return {
    handler: memory.readI64(address),
    flags: memory.readI32(address + 8),
    restorer: memory.readI64(address + 16),
    mask,
  };
}

function writeAction(memory: UserMemory, address: number, action: SignalAction): void {
  memory.writeI64(address, action.handler);
  memory.writeI64(address + 8, action.flags >>> 0);
  memory.writeI64(address + 16, action.restorer);
  writeSet(memory, address + 24, action.mask);
}

function rtSigaction(task: Task, args: Float64Array): number {
  const signal = args[0]! | 0;
  const [newAt, oldAt] = [args[1]!, args[2]!];
  if (args[3] !== SET_SIZE || signal < 1 || signal > 64) return -EINVAL;
  if (newAt !== 0 && UNCATCHABLE.has(signal)) return -EINVAL;
  const { actions } = task.group;
  const old = actions.get(signal);
  if (newAt !== 0) {
    actions.set(signal, readAction(task.memory, newAt));
    if (actions.ignores(signal)) forget(task, signal);
  }
  if (oldAt !== 0) writeAction(task.memory, oldAt, old);
  return 0;
}

/** POSIX: to ignore a signal also takes it away where it is pending. */
function forget(task: Task, signal: number): void {
  const set = SignalSet.of(signal);
  task.group.pending.discard(set);
  for (const each of task.group.tasks) each.pending.discard(set);
}

function rtSigprocmask(task: Task, args: Float64Array): number {
  const how = args[0]! | 0;
  const [newAt, oldAt] = [args[1]!, args[2]!];
  if (args[3] !== SET_SIZE) return -EINVAL;
  const old = task.mask.clone();
  if (newAt !== 0) {
    const change = readSet(task.memory, newAt);
    const mask = old.clone();
    if (how === SIG_BLOCK) mask.addAll(change);
    else if (how === SIG_UNBLOCK) mask.deleteAll(change);
    else if (how === SIG_SETMASK) mask.set(change);
    else return -EINVAL;
    task.setMask(mask.low, mask.high);
  }
  if (oldAt !== 0) writeSet(task.memory, oldAt, old);
  return 0;
}

function rtSigpending(task: Task, args: Float64Array): number {
  if (args[1]! < 0 || args[1]! > SET_SIZE) return -EINVAL;
  const { pending, group, mask } = task;
  const low = (pending.set.low | group.pending.set.low) & mask.low;
  const high = (pending.set.high | group.pending.set.high) & mask.high;
  const bytes = Buffer.alloc(SET_SIZE);
  bytes.writeInt32LE(low, 0);
  bytes.writeInt32LE(high, 4);
  task.memory.writeBytes(args[0]!, bytes.subarray(0, args[1]!));
  return 0;
}

/** Until a signal comes; a call that is interrupted for nothing begins again. */
async function untilSignal(task: Task): Promise<number> {
  await task.waitFor([], () => -EAGAIN);
  return -ERESTARTNOHAND;
}

function rtSigsuspend(task: Task, args: Float64Array): number | Promise<number> {
  if (args[1] !== SET_SIZE) return -EINVAL;
  const mask = readSet(task.memory, args[0]!);
  return task.withSignalMask(mask, () => untilSignal(task));
}

function rtSigtimedwait(task: Task, args: Float64Array): number | Promise<number> {
  if (args[3] !== SET_SIZE) return -EINVAL;
  const wanted = readSet(task.memory, args[0]!);
  wanted.deleteAll(UNCATCHABLE);
  const infoAt = args[1]!;
  const timeout = readTimeout(task.memory, args[2]!);
  const attempt = (): number => {
    const info = takeOneOf(task, wanted);
    if (!info) return -EAGAIN;
    if (infoAt !== 0) task.memory.writeBytes(infoAt, encodeSignalInfo(info));
    return info.signal;
  };
  const result = attempt();
  if (result !== -EAGAIN || timeout === 0) return result;
  const waiting = task.waitFor(task.group.signalArrived, attempt, deadlineAfter(task, timeout));
  return waiting.then((value) => (value === -ETIMEDOUT ? -EAGAIN : value === -ERESTARTSYS ? -EINTR : value));
}

function takeOneOf(task: Task, wanted: SignalSet): SignalInfo | undefined {
  const others = new SignalSet(~wanted.low, ~wanted.high);
  const own = task.pending.set.firstBeyond(others);
  if (own !== 0) return task.pending.take(own);
  const shared = task.group.pending.set.firstBeyond(others);
  return shared === 0 ? undefined : task.group.pending.take(shared);
}

function sigaltstack(task: Task, args: Float64Array): number {
  const [newAt, oldAt] = [args[0]!, args[1]!];
  const { memory, altStack } = task;
  const { sp } = task.thread.registers;
  if (newAt !== 0) {
    const [base, size] = [memory.readI64(newAt), memory.readI64(newAt + 16)];
    const result = changeStack(task, base, memory.readI32(newAt + 8), size, sp);
    if (result < 0) return result;
  }
  if (oldAt !== 0) {
    memory.writeI64(oldAt, altStack.base);
    memory.writeU32(oldAt + 8, altStack.shownFlags(sp));
    memory.writeI64(oldAt + 16, altStack.size);
  }
  return 0;
}

function changeStack(task: Task, base: number, flags: number, size: number, sp: number): number {
  if (task.altStack.holds(sp)) return -EPERM;
  const mode = flags & ~SS_AUTODISARM;
  if (mode !== SS_DISABLE && mode !== SS_ONSTACK && mode !== 0) return -EINVAL;
  if (mode === SS_DISABLE) task.altStack = new AlternateStack(0, 0, flags);
  else if (size >= 0 && size < LEAST_STACK) return -ENOMEM;
  else task.altStack = new AlternateStack(base, size < 0 ? 2 ** 62 : size, flags);
  return 0;
}

/** A frame that makes no sense ends in SIGSEGV, which no handler gets to see if it cannot have a frame either. */
function rtSigreturn(task: Task): number | Promise<number> {
  const refused = (error: unknown): number => {
    if (!(error instanceof Failure) || error.errno !== EFAULT) throw error;
    forceSignal(task, { signal: SIGNALS.SIGSEGV, code: SI_KERNEL });
    return 0;
  };
  try {
    const result = leaveHandler(task);
    return typeof result === 'number' ? result : result.catch(refused);
  } catch (error) {
    return refused(error);
  }
}

export const signals: SyscallFamily = {
  rt_sigaction: rtSigaction,
  rt_sigprocmask: rtSigprocmask,
  rt_sigpending: rtSigpending,
  rt_sigsuspend: rtSigsuspend,
  rt_sigtimedwait: rtSigtimedwait,
  rt_sigreturn: rtSigreturn,
  sigaltstack,
  pause: untilSignal,
  restart_syscall: () => -EINTR,
  ...senders,
};
