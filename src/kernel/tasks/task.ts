/**
 * A task: one thread of a guest, with what clone(2) lets threads share or not share (Linux: struct task_struct).
 */
import type { Thread } from '../../platform/platform.ts';
import type { DescriptorTable } from '../files/descriptors.ts';
import type { FileSystemContext } from '../files/context.ts';
import type { Kernel } from '../kernel.ts';
import type { GuestMemory } from '../memory/guest-memory.ts';
import type { UserMemory } from '../memory/user-memory.ts';
import type { CpuAccount } from '../time/cpu-account.ts';
import type { MaskedCalls, SignalSink } from '../time/signal-sink.ts';
import type { WaitQueue } from '../wait-queue.ts';
import type { Credentials } from './credentials.ts';
import type { ThreadGroup } from './thread-group.ts';

export interface Task extends SignalSink, MaskedCalls, CpuAccount {
  readonly kernel: Kernel;
  readonly tid: number;
  /** The process it is a thread of. */
  readonly group: ThreadGroup;
  /** The address space, with its VMAs; replaced by execve. */
  mm: GuestMemory;
  /** Short for `mm.user`: copying in and out. */
  readonly memory: UserMemory;
  files: DescriptorTable;
  /** Root, working directory and umask. */
  fs: FileSystemContext;
  credentials: Credentials;
  /** Where it runs. */
  thread: Thread;
  /** Up to 15 bytes (prctl(2), PR_SET_NAME). */
  name: string;
  /** Aborted when a signal is to be delivered while the task waits; a new one for every system call that waits. */
  readonly signal: AbortSignal;

  /**
   * Waits inside a system call: tries, and tries again at each wake of a queue, until `attempt` returns something other
   * than -EAGAIN. @param deadline on `kernel.clock.monotonic()`, milliseconds. @returns what `attempt` returned, -ETIMEDOUT at the
   * deadline, or -ERESTARTSYS when a signal came.
   */
  waitFor(
    queues: readonly WaitQueue[] | WaitQueue,
    attempt: () => number,
    deadline?: number,
  ): Promise<number>;
  /** Has it a signal that is not blocked, so that it must not begin to wait? */
  readonly interrupted: boolean;
}
