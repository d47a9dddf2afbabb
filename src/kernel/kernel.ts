/** The kernel of one sandbox: what all of its tasks share. */
import { type Architecture, hostArchitecture } from '../linux/architectures.ts';
import { type MemoryFile, WINDOW } from '../platform/memory-file.ts';
import type { Platform, Thread } from '../platform/platform.ts';
import { leave, runKernel } from './dispatch.ts';
import type { DescriptorTable } from './files/descriptors.ts';
import type { FileSystemContext } from './files/context.ts';
import type { LoadRequest } from './loader/load.ts';
import type { GuestMemory } from './memory/guest-memory.ts';
import { SignalActions } from './signals/actions.ts';
import type { CallStatistics } from './statistics.ts';
import { makeTable, type SyscallTable } from './syscalls/table.ts';
import type { Credentials } from './tasks/credentials.ts';
import { endGroup } from './tasks/exit.ts';
import { FutexTable } from './tasks/futex.ts';
import { Limits } from './tasks/limits.ts';
import { PidTable } from './tasks/pids.ts';
import { ProcessGroup } from './tasks/process-group.ts';
import { Sharing } from './tasks/sharing.ts';
import { Task } from './tasks/task.ts';
import { ThreadGroup } from './tasks/thread-group.ts';
import { Clock } from './time/clock.ts';
import { Timers } from './timers.ts';
import type { Tracer } from './tracer.ts';

export type Surroundings = Pick<LoadRequest, 'hardware' | 'text' | 'vdso'>;

const NO_SURROUNDINGS: Surroundings = {
  hardware: { capabilities: 0, capabilities2: 0, minimumSignalStack: 2048 },
};

export interface KernelOptions {
  architecture?: Architecture;
  hostname?: string;
  surroundings?: Surroundings;
  /** Rows that replace the table's: an exercise's. */
  table?: SyscallTable;
  tracer?: Tracer;
  statistics?: CallStatistics;
  /** Where the kernel says what is wrong with itself; stderr otherwise. */
  report?: (message: string) => void;
  /** Told of the first call of each number that the table does not have. */
  unknownCall?: (number: number, task: Task) => void;
}

/** The first process. */
export interface InitSpec {
  mm: GuestMemory;
  /** A stopped thread of `mm.space`, with its registers set. */
  thread: Thread;
  files: DescriptorTable;
  fs: FileSystemContext;
  credentials: Credentials;
  name: string;
  limits?: Limits;
}

/** Something that the main loop does when the event under way has been handled. */
export interface Deferred {
  /** Must not throw. */
  retry(): void;
}

export class Kernel {
  readonly platform: Platform;
  readonly memory: MemoryFile;
  readonly clock = new Clock();
  readonly startTime = this.clock.monotonic();
  readonly timers: Timers;
  readonly table: SyscallTable;
  readonly pids = new PidTable();
  readonly sharing = new Sharing();
  readonly futexes = new FutexTable();
  readonly tracer: Tracer | undefined;
  readonly statistics: CallStatistics | undefined;
  readonly report: (message: string) => void;
  readonly unknownCall: ((number: number, task: Task) => void) | undefined;
  /** What every program finds around it: processor, vDSO, patched text. Set before the first execve. */
  surroundings: Surroundings;
  /** Bit N: there is a processor N, as guests are told (sched_getaffinity(2)). */
  processors = 1;
  /** uname(2). */
  hostname: string;
  domainname = '(none)';

  /** The first process; everything ends with it. */
  init: ThreadGroup | undefined;
  /** The task whose event is being handled. */
  current: Task | undefined;
  /** What has been woken and is to try again. */
  deferred: Deferred[] = [];
  /** Tasks whose waits are over and whose calls are not: they need the microtasks to run. */
  readonly settling = new Set<Task>();
  /** How the first process ended, as wait4(2) tells it. */
  exitStatus: number | undefined;
  /** A process has ended because guests may have no more memory. */
  outOfMemory = false;
  #parked = false;
  #broken: Error | undefined;

  constructor(platform: Platform, options: KernelOptions = {}) {
    this.platform = platform;
    this.memory = platform.memory;
    this.table = options.table ?? makeTable(options.architecture ?? hostArchitecture());
    this.timers = new Timers(() => this.wake());
    this.tracer = options.tracer;
    this.statistics = options.statistics;
    this.report = options.report ?? ((message) => void process.stderr.write(`ring3: ${message}\n`));
    this.unknownCall = options.unknownCall;
    this.surroundings = options.surroundings ?? NO_SURROUNDINGS;
    this.hostname = options.hostname ?? 'ring3';
  }

  /** Makes the first process and lets it run as soon as `run` is called. */
  start(spec: InitSpec): Task {
    const pid = this.pids.allocate();
    const group = new ThreadGroup(this, {
      pid,
      parent: undefined,
      processGroup: new ProcessGroup(pid, this.pids.newSession(pid)),
      actions: new SignalActions(),
      limits: spec.limits ?? new Limits(),
    });
    const task = new Task(this, { ...spec, tid: pid, group });
    this.admit(task);
    this.init = group;
    this.platform.resume(task.thread);
    return task;
  }

  /** Enters a new task everywhere that tasks are counted. */
  admit(task: Task): void {
    const { group } = task;
    if (group.tasks.size === 0) {
      group.leader = task;
      this.pids.addProcess(group);
      this.pids.enterGroup(group, group.processGroup);
    }
    group.tasks.add(task);
    this.pids.addTask(task);
    this.sharing.join(task.mm);
    this.sharing.join(task.files);
    this.sharing.join(task.fs);
  }

  /** Bytes that guests may have, and that are free (sysinfo(2), /proc/meminfo). */
  memoryUse(): { total: number; free: number } {
    const total = this.memory.windows.length * WINDOW;
    return { total, free: Math.max(0, total - this.memory.used) };
  }

  /** Runs guests until the first process has ended. @returns its status as wait4(2) tells it */
  async run(): Promise<number> {
    await runKernel(this);
    if (this.#broken) throw this.#broken;
    return this.exitStatus!;
  }

  /** A bug outside of any handler: nothing can be relied on any more, and `run` fails with it. */
  breakDown(error: unknown): void {
    this.#broken ??= error instanceof Error ? error : new Error(String(error));
    this.exitStatus ??= KILLED;
    this.wake();
  }

  /** The first process has ended: so do all others (pid_namespaces(7)). */
  end(status: number): void {
    if (this.exitStatus !== undefined) return;
    this.exitStatus = status;
    for (const process of this.pids.processes()) if (!process.zombie) endGroup(process, KILLED);
    this.wake();
  }

  /** To be done by the main loop, after the event under way. */
  retryLater(deferred: Deferred): void {
    this.deferred.push(deferred);
    this.wake();
  }

  retry(): void {
    while (this.deferred.length > 0) {
      const now = this.deferred;
      this.deferred = [];
      for (const deferred of now) deferred.retry();
    }
  }

  /** Lets a held task go on to the guest. */
  goOn(task: Task): void {
    this.retryLater({
      retry: () => {
        if (!task.held || task.group.stopping) return;
        task.held = false;
        task.cpu.resume();
        leave(this, task);
      },
    });
  }

  /** Gives the thread to Node until there is an event or a timer is due. */
  async park(): Promise<void> {
    const wait = Math.min(this.timers.next - this.clock.monotonic(), LONGEST_PARK);
    if (wait <= SHORTEST_PARK || this.exitStatus !== undefined) return;
    this.#parked = true;
    await this.platform.park(wait);
    this.#parked = false;
  }

  /** Ends a park: a promise has settled, a timer is new. Threads that are resumed during a park are not listened to. */
  wake(): void {
    if (this.#parked) this.platform.unpark();
  }
}

/** SIGKILL as a wait status. */
const KILLED = 9;
/** Milliseconds. A park of less than this takes longer than it lasts. */
const SHORTEST_PARK = 0.15;
const LONGEST_PARK = 1000;
