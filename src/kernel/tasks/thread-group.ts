/** A process: tasks that share a pid, signal handlers and an end (Linux: struct signal_struct). */
export interface ThreadGroup {
  readonly pid: number;
}
