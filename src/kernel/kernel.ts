/** The kernel of one sandbox: what all of its tasks share. */
import type { Platform } from '../platform/platform.ts';
import type { MemoryFile } from '../platform/memory-file.ts';
import type { Clock } from './time/clock.ts';
import type { TimerQueue } from './time/timer-queue.ts';

export interface Kernel {
  readonly platform: Platform;
  readonly memory: MemoryFile;
  readonly clock: Clock;
  readonly timers: TimerQueue;
}
