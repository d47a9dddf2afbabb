/** Who is told of every call (`ring3 run --trace`). */
import type { Task } from './tasks/task.ts';

export interface Tracer {
  enter(task: Task, number: number, args: Float64Array): void;
  /** `args` are as they were at entry; memory they point to may have been filled since. */
  exit(task: Task, number: number, args: Float64Array, result: number): void;
  /** A signal is being delivered, or ends the task. */
  signal?(task: Task, signal: number): void;
}
