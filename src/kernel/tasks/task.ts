/**
 * A task: one thread of a guest, with what clone(2) lets threads share or not share (Linux: struct task_struct).
 *
 * It is in one of four states. It *runs* (its platform thread has been resumed), the kernel *handles* an event of it
 * (`kernel.current`), it *waits* inside a system call for a promise, or it is *held* by a job control stop. Only
 * `attention` is looked at on the fast way out of a call: whatever must happen before the guest goes on sets it.
 */
import { EAGAIN, ERESTARTNOHAND, ERESTARTSYS } from '../../linux/errno.ts';
import type { SignalInfo } from '../../linux/siginfo.ts';
import type { Fault, Thread } from '../../platform/platform.ts';
import type { FileSystemContext } from '../files/context.ts';
import type { DescriptorTable } from '../files/descriptors.ts';
import type { Kernel } from '../kernel.ts';
import type { GuestMemory } from '../memory/guest-memory.ts';
import type { UserMemory } from '../memory/user-memory.ts';
import { AlternateStack } from '../signals/alternate-stack.ts';
import { PendingSignals } from '../signals/pending.ts';
import { sendToTask, signalInfo } from '../signals/send.ts';
import { SignalSet } from '../signals/signal-set.ts';
import type { CpuAccount } from '../time/cpu-account.ts';
import type { MaskedCalls, SignalDetails, SignalSink } from '../time/signal-sink.ts';
import type { WaitQueue } from '../wait-queue.ts';
import { CpuClock } from './cpu-clock.ts';
import type { Credentials } from './credentials.ts';
import type { ThreadGroup } from './thread-group.ts';
import { Wait } from './wait.ts';

/** What a new task is made of. */
export interface TaskParts {
  tid: number;
  group: ThreadGroup;
  mm: GuestMemory;
  files: DescriptorTable;
  fs: FileSystemContext;
  credentials: Credentials;
  thread: Thread;
  name: string;
}

export class Task implements SignalSink, MaskedCalls, CpuAccount {
  readonly kernel: Kernel;
  /** Changes once at most: the thread that calls execve becomes the leader. */
  tid: number;
  /** The process it is a thread of. */
  readonly group: ThreadGroup;
  /** The address space, with its VMAs; replaced by execve. */
  mm: GuestMemory;
  files: DescriptorTable;
  /** Root, working directory and umask. */
  fs: FileSystemContext;
  credentials: Credentials;
  /** Where it runs; replaced by execve. */
  thread: Thread;
  /** Up to 15 bytes (prctl(2), PR_SET_NAME). */
  name: string;

  /** Something is to be done before it runs guest code again: a signal, a stop, its end, registers set by a call. */
  attention = false;
  /** It has ended. Whatever is still under way for it is dropped. */
  dead = false;
  /** Another thread has called execve: this one ends, and its process does not. */
  doomed = false;
  /** Inside a system call that waits for a promise. */
  waiting = false;
  /** Stopped by job control; the way back to the guest goes on when the process continues. */
  held = false;
  /** Counts the calls that had to wait, so that a promise knows whether its call is still the one under way. */
  call = 0;
  /** The result that is not yet in the registers; undefined when registers are complete. */
  result: number | undefined;
  /** The call has set all registers itself (rt_sigreturn, execve): its result goes nowhere. */
  registersComplete = false;
  /** How a call that ended with ERESTART_RESTARTBLOCK goes on (restart_syscall(2)). */
  restartBlock: ((task: Task) => number | Promise<number>) | undefined;

  /** Signals that are blocked (rt_sigprocmask(2)). Change it by `setMask`. */
  readonly mask = new SignalSet();
  /** The mask to come back after a call that changed it for its own time (sigsuspend(2), ppoll(2)). */
  savedMask: SignalSet | undefined;
  readonly pending = new PendingSignals();
  altStack = new AlternateStack();
  readonly cpu: CpuClock;

  /** Base of thread-local storage (arch_prctl(2)). */
  threadPointer = 0;
  /** Where to write 0 and wake when it ends (set_tid_address(2)). */
  clearTid = 0;
  /** Head of its list of robust futexes (set_robust_list(2)). */
  robustList = 0;
  /** Sent when its parent ends (prctl(2), PR_SET_PDEATHSIG). */
  deathSignal = 0;
  /** Wakes the parent that waits in vfork(2). */
  vforkDone: WaitQueue | undefined;
  noNewPrivileges = false;
  /** SCHED_OTHER and so on (sched_setscheduler(2)). */
  policy = 0;
  /** The access that has failed last, as signal frames show it. */
  lastFault: Pick<Fault, 'address' | 'write' | 'execute' | 'code'> | undefined;

  #wait: Wait | undefined;
  #aborter: AbortController | undefined;

  constructor(kernel: Kernel, parts: TaskParts) {
    this.kernel = kernel;
    this.tid = parts.tid;
    this.group = parts.group;
    this.mm = parts.mm;
    this.files = parts.files;
    this.fs = parts.fs;
    this.credentials = parts.credentials;
    this.thread = parts.thread;
    this.name = parts.name;
    this.cpu = new CpuClock(kernel.clock);
    this.thread.owner = this;
  }

  /** Short for `mm.user`: copying in and out. */
  get memory(): UserMemory {
    return this.mm.user;
  }

  cpuTime(): number {
    return this.cpu.used();
  }

  /**
   * Has it a signal that is not blocked, so that it must not begin to wait? Whoever is told so gives up with ERESTARTSYS, which
   * the guest must never see: so attention is due.
   */
  get interrupted(): boolean {
    const interrupted =
      this.pending.set.beyond(this.mask) ||
      this.group.pending.set.beyond(this.mask) ||
      this.group.ending ||
      this.group.stopping ||
      this.doomed;
    if (interrupted) this.attention = true;
    return interrupted || this.dead;
  }

  /** Aborted when a signal is to be delivered while the task waits; a new one for every system call that waits. */
  get signal(): AbortSignal {
    this.#aborter ??= new AbortController();
    return this.#aborter.signal;
  }

  /**
   * Waits inside a system call: tries, and tries again at each wake of a queue, until `attempt` returns something other
   * than -EAGAIN.
   *
   * @param deadline on `kernel.clock.monotonic()`, milliseconds
   * @returns what `attempt` returned, -ETIMEDOUT at the deadline, or -ERESTARTSYS when a signal came
   */
  waitFor(
    queues: readonly WaitQueue[] | WaitQueue,
    attempt: () => number,
    deadline: number = Infinity,
  ): Promise<number> {
    const result = attempt();
    if (result !== -EAGAIN) return Promise.resolve(result);
    if (this.interrupted) return Promise.resolve(-ERESTARTSYS);
    return this.#begin(queues, attempt, deadline, true);
  }

  /** As `waitFor`, and nothing but the task's death ends it early (Linux: TASK_KILLABLE). */
  waitUnlessKilled(queue: WaitQueue, attempt: () => number): Promise<number> {
    const result = attempt();
    if (result !== -EAGAIN || this.dead) return Promise.resolve(result);
    return this.#begin(queue, attempt, Infinity, false);
  }

  #begin(
    queues: readonly WaitQueue[] | WaitQueue,
    attempt: () => number,
    deadline: number,
    interruptible: boolean,
  ): Promise<number> {
    if (this.#wait) throw new Error('a task waits for one thing at a time');
    this.kernel.settling.delete(this);
    const wait = new Wait(this.kernel, queues, attempt, interruptible, () => {
      this.#wait = undefined;
      this.kernel.settling.add(this);
    });
    this.#wait = wait;
    return new Promise((resolve, reject) => {
      wait.resolve = resolve;
      wait.reject = reject;
      wait.begin(deadline);
    });
  }

  /** See MaskedCalls. */
  withSignalMask(
    mask: { readonly low: number; readonly high: number },
    call: () => number | Promise<number>,
  ): number | Promise<number> {
    const old = this.mask.clone();
    this.setMask(mask.low, mask.high);
    const settle = (result: number): number => {
      if (result === -ERESTARTNOHAND || result === -ERESTARTSYS) {
        this.savedMask = old;
        this.attention = true;
      } else this.setMask(old.low, old.high);
      return result;
    };
    const result = call();
    return typeof result === 'number' ? settle(result) : result.then(settle);
  }

  /** SIGKILL and SIGSTOP stay unblocked. */
  setMask(low: number, high: number): void {
    this.mask.low = low & ~UNBLOCKABLE;
    this.mask.high = high | 0;
    void this.interrupted;
  }

  sendSignal(signal: number, details?: SignalDetails): boolean {
    return sendToTask(this, signalInfo(signal, details));
  }

  send(info: SignalInfo): boolean {
    return sendToTask(this, info);
  }

  /** Brings it out of guest code or out of its wait, so that it looks at what is to be done. */
  alert(): void {
    if (this.dead) return;
    this.attention = true;
    this.#aborter?.abort();
    if (this.#wait) this.#wait.interrupt();
    else if (!this.waiting && !this.held && this.kernel.current !== this) this.thread.interrupt();
  }

  /** Its call is over: what it waited by is of no use for the next. */
  endCall(): void {
    this.#aborter = undefined;
  }

  /** It dies in the middle of a call: the handler unwinds, and its result is dropped. */
  abandonCall(): void {
    this.call++;
    this.waiting = false;
    this.#aborter?.abort();
    this.#wait?.abandon();
    this.kernel.settling.delete(this);
  }
}

/** Bits of SIGKILL and SIGSTOP in the low half of a set. */
const UNBLOCKABLE = (1 << 8) | (1 << 18);
