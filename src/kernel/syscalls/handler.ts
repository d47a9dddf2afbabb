/** The shape of a system call, and of its row in the table. */
import type { Task } from '../tasks/task.ts';

/**
 * One system call. Arguments are the six registers as signed 64-bit values in doubles: descriptors and flags are read
 * with `args[0]! | 0`, addresses and sizes as they are (a negative size is one of 2^63 and more).
 *
 * @returns the result or -errno at once, or a promise when the task must wait. May throw a Failure.
 */
export type Handler = (task: Task, args: Float64Array) => number | Promise<number>;

export type Support = 'supported' | 'partial' | 'refused';

export interface SyscallRow {
  handler: Handler;
  support: Support;
  /** For `partial`: what is missing. For `refused`: why. */
  note?: string;
}

/** A family's rows by the call's name: each file in this folder exports one. */
export type SyscallFamily = Readonly<Record<string, Handler | SyscallRow>>;

export function partial(note: string, handler: Handler): SyscallRow {
  return { handler, support: 'partial', note };
}

export function refused(note: string, errno: number): SyscallRow {
  return { handler: () => -errno, support: 'refused', note };
}
