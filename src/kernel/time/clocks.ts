/** Every clock that a guest can name (clock_gettime(2)). */
import {
  CLOCK_BOOTTIME,
  CLOCK_BOOTTIME_ALARM,
  CLOCK_MONOTONIC,
  CLOCK_MONOTONIC_COARSE,
  CLOCK_MONOTONIC_RAW,
  CLOCK_PROCESS_CPUTIME_ID,
  CLOCK_REALTIME,
  CLOCK_REALTIME_ALARM,
  CLOCK_REALTIME_COARSE,
  CLOCK_TAI,
  CLOCK_THREAD_CPUTIME_ID,
} from '../../linux/clocks.ts';
import type { Task } from '../tasks/task.ts';
import { fromMilliseconds, toMilliseconds, type TimeSpec } from './clock.ts';
import type { CpuAccount } from './cpu-account.ts';

/** What a clock's number stands for; the coarse ones are as fine as the others here. */
export type ClockKind = 'monotonic' | 'realtime' | CpuAccount;

export function findClock(task: Task, id: number): ClockKind | undefined {
  switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI:
      return 'realtime';
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
      return 'monotonic';
    case CLOCK_PROCESS_CPUTIME_ID:
      return task.group;
    case CLOCK_THREAD_CPUTIME_ID:
      return task;
    default:
      return id < 0 ? cpuClockOf(task, id) : undefined;
  }
}

/** Clocks of clock_getcpuclockid(3) and pthread_getcpuclockid(3): the inverted number, bit 2 for threads, and a kind. */
function cpuClockOf(task: Task, id: number): CpuAccount | undefined {
  const number = ~(id >> 3);
  const isThread = (id & 4) !== 0;
  if ((id & 3) === 3) return undefined;
  if (number === 0) return isThread ? task : task.group;
  if (!isThread) return task.kernel.pids.process(number);
  const thread = task.kernel.pids.task(number);
  return thread?.group === task.group ? thread : undefined;
}

export function clockTime(task: Task, kind: ClockKind): TimeSpec {
  if (kind === 'monotonic') return task.kernel.clock.monotonicTime();
  if (kind === 'realtime') return task.kernel.clock.realTime();
  return fromMilliseconds(kind.cpuTime());
}

/** A time on a clock that is not one of processor time, as a deadline on the monotonic clock, milliseconds. */
export function monotonicDeadline(task: Task, kind: ClockKind, time: TimeSpec): number {
  const ms = toMilliseconds(time.seconds, time.nanoseconds);
  return kind === 'realtime' ? ms - task.kernel.clock.realtimeOffset() : ms;
}
