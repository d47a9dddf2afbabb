/** Whoever uses the processor: a task, or a process with all of its tasks. */
export interface CpuAccount {
  /** Processor time used until now, milliseconds: what CLOCK_THREAD_CPUTIME_ID and CLOCK_PROCESS_CPUTIME_ID show. */
  cpuTime(): number;
}
