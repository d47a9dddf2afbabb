/** How one call is shown: a row for each in `calls/`, one file a family. */
import type { Task } from '../tasks/task.ts';

/** A call that has come, or that is over: then it has a result. */
export interface TracedCall {
  task: Task;
  /** As they were at entry. */
  args: Float64Array;
  result?: number;
}

/** What an argument says; undefined: it is not one of this call's, as open's mode without O_CREAT. */
export type Decode = (value: number, call: TracedCall) => string | undefined;

/** Shown once the call is over: the kernel fills it. */
export interface Late {
  late: Decode;
}

export type Argument = Decode | Late;

export interface CallRow {
  /** By place; the value of each is the register's. */
  arguments: readonly Argument[];
  /** How a result that is no error is shown; else as a decimal number. */
  result?: Decode;
  /** What stands behind the result, in brackets. */
  comment?: Decode;
}

/** Rows by the call's name. Those that are missing show their registers. */
export type TraceFamily = Readonly<Record<string, readonly Argument[] | CallRow>>;

export function late(decode: Decode): Late {
  return { late: decode };
}

export function rowOf(entry: readonly Argument[] | CallRow): CallRow {
  return 'arguments' in entry ? entry : { arguments: entry };
}
