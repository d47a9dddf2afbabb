/** Who is told of every call (`ring3 run --trace`). */
import type { SignalInfo } from '../linux/siginfo.ts';
import type { Task } from './tasks/task.ts';

/** Must not throw, and must not change the task. */
export interface Tracer {
  /** The first program, which no call has started. */
  started?(task: Task, path: string, argv: readonly string[], variables: number): void;
  enter(task: Task, number: number, args: Float64Array): void;
  /** The call has no result yet: others go on meanwhile. */
  waits?(task: Task): void;
  /** `args` are as they were at entry; memory they point to may have been filled since. */
  exit(task: Task, number: number, args: Float64Array, result: number): void;
  /** A signal is being delivered, or ends the task. */
  signal?(task: Task, info: SignalInfo): void;
  /** @param status as wait4(2) tells it */
  ended?(task: Task, status: number): void;
}
