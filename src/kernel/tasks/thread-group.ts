/** A process: tasks that share a pid, signal handlers and an end (Linux: struct signal_struct). */
import type { CpuAccount } from '../time/cpu-account.ts';
import type { SignalSink } from '../time/signal-sink.ts';

export interface ThreadGroup extends SignalSink, CpuAccount {
  readonly pid: number;
}
