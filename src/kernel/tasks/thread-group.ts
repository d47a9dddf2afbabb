/** A process: tasks that share a pid, signal handlers and an end (Linux: struct signal_struct). */
import { SIGNALS } from '../../linux/signals.ts';
import type { SignalInfo } from '../../linux/siginfo.ts';
import type { Kernel } from '../kernel.ts';
import { SignalActions } from '../signals/actions.ts';
import { PendingSignals } from '../signals/pending.ts';
import { sendToProcess, signalInfo } from '../signals/send.ts';
import type { CpuAccount } from '../time/cpu-account.ts';
import type { SignalDetails, SignalSink } from '../time/signal-sink.ts';
import { WaitQueue } from '../wait-queue.ts';
import type { Limits } from './limits.ts';
import type { ProcessGroup } from './process-group.ts';
import type { Program } from './program.ts';
import { ResourceUsage } from './resource-usage.ts';
import type { Task } from './task.ts';

export interface ProcessParts {
  pid: number;
  parent: ThreadGroup | undefined;
  processGroup: ProcessGroup;
  actions: SignalActions;
  limits: Limits;
}

export class ThreadGroup implements SignalSink, CpuAccount {
  readonly kernel: Kernel;
  readonly pid: number;
  /** On the monotonic clock, milliseconds. */
  readonly startTime: number;
  /** Set by the first task; after an exec the task that called it. */
  leader!: Task;
  /** Living tasks. A leader that has ended before the others is not among them. */
  readonly tasks = new Set<Task>();
  parent: ThreadGroup | undefined;
  readonly children = new Set<ThreadGroup>();
  processGroup: ProcessGroup;
  /** Shared by clone(2) with CLONE_SIGHAND. */
  actions: SignalActions;
  readonly pending = new PendingSignals();
  /** Woken when a signal becomes pending for the process or one of its tasks, blocked or not (signalfd(2)). */
  readonly signalArrived = new WaitQueue();
  limits: Limits;
  /** What it runs; absent only before the first exec. */
  program: Program | undefined;
  /** Sent to the parent at the end; 0: none. */
  exitSignal: number = SIGNALS.SIGCHLD;

  /** Status as wait4(2) tells it, once the end has begun. */
  exitStatus: number | undefined;
  /** All tasks have ended, and the parent has not waited yet. */
  zombie = false;
  /** Woken when a child ends, stops or continues. */
  readonly childEvents = new WaitQueue();
  /** Woken when one of its tasks has ended. */
  readonly taskEnded = new WaitQueue();
  /** Woken at its own end (pidfd_open(2)). */
  readonly ended = new WaitQueue();
  /** Called at the end and not at exec: timers, terminals. */
  readonly atExit = new Set<() => void>();
  /** Called at exec: POSIX timers go. */
  readonly atExec = new Set<() => void>();

  /** The signal that stops it; 0 when it is not to stop. */
  stopSignal = 0;
  /** All tasks are held. */
  stopped = false;
  /** A stop or continuation that wait4(2) has not reported yet. */
  unreportedStop = false;
  unreportedContinue = false;

  /** Has it called execve since it was forked (setpgid(2), EACCES)? */
  hasExecuted = false;
  /** Orphans among its descendants become its children (prctl(2), PR_SET_CHILD_SUBREAPER). */
  subreaper = false;
  dumpable = 1;
  nice = 0;
  oomScoreAdjust = 0;
  /** personality(2). */
  personality = 0;
  /** Of tasks that have ended. */
  readonly usage = new ResourceUsage();
  /** Of children that have been waited for. */
  readonly childrenUsage = new ResourceUsage();

  constructor(kernel: Kernel, parts: ProcessParts) {
    this.kernel = kernel;
    this.pid = parts.pid;
    this.parent = parts.parent;
    this.processGroup = parts.processGroup;
    this.actions = parts.actions;
    this.limits = parts.limits;
    this.startTime = kernel.clock.monotonic();
    parts.parent?.children.add(this);
  }

  get session() {
    return this.processGroup.session;
  }

  get isSessionLeader(): boolean {
    return this.session.id === this.pid;
  }

  /** exit_group(2) has been called, or a signal ends it. */
  get ending(): boolean {
    return this.exitStatus !== undefined;
  }

  get stopping(): boolean {
    return this.stopSignal !== 0;
  }

  cpuTime(): number {
    let total = this.usage.user;
    for (const task of this.tasks) total += task.cpu.used();
    return total;
  }

  /** Of all its tasks, ended or not. */
  ownUsage(): ResourceUsage {
    const usage = new ResourceUsage();
    usage.add(this.usage);
    usage.user = this.cpuTime();
    return usage;
  }

  sendSignal(signal: number, details?: SignalDetails): boolean {
    return sendToProcess(this, signalInfo(signal, details));
  }

  send(info: SignalInfo): boolean {
    return sendToProcess(this, info);
  }
}
