/** Timers that send signals: setitimer(2), alarm(2), timer_create(2). */
import { EINVAL, EOPNOTSUPP } from '../../linux/errno.ts';
import {
  ITIMER_REAL,
  SIGEVENT,
  SIGEV_NONE,
  SIGEV_SIGNAL,
  SIGEV_THREAD,
  SIGEV_THREAD_ID,
  TIMER_ABSTIME,
} from '../../linux/clocks.ts';
import { SIGNALS } from '../../linux/signals.ts';
import { fail } from '../failure.ts';
import type { Task } from '../tasks/task.ts';
import { fromMilliseconds, toMilliseconds, type TimeSpec } from '../time/clock.ts';
import { findClock, monotonicDeadline } from '../time/clocks.ts';
import { cpuSource, type IntervalTimer, type TimerSetting } from '../time/interval-timer.ts';
import { PosixTimer, processTimers, type TimerNotice } from '../time/process-timers.ts';
import { readTimeSpec, readTimeVal, writeTimeSpec, writeTimeVal } from './deadline.ts';
import type { SyscallFamily } from './handler.ts';

const inMilliseconds = ({ seconds, nanoseconds }: TimeSpec): number => toMilliseconds(seconds, nanoseconds);

function writeSetting(
  task: Task,
  address: number,
  setting: TimerSetting,
  write: typeof writeTimeSpec = writeTimeSpec,
): void {
  if (address === 0) return;
  write(task.memory, address, fromMilliseconds(setting.interval));
  write(task.memory, address + 16, fromMilliseconds(setting.value));
}

function intervalTimer(task: Task, which: number): IntervalTimer {
  return processTimers(task.group).intervals[which] ?? fail(EINVAL);
}

function posixTimer(task: Task, id: number): PosixTimer {
  return processTimers(task.group).get(id | 0) ?? fail(EINVAL);
}

/** Reads struct sigevent. Without one it is SIGALRM, with the timer's number as its value. */
function readNotice(task: Task, address: number): (id: number) => TimerNotice {
  const { memory, group } = task;
  if (address === 0) {
    return (id) => ({ sink: group, signal: SIGNALS.SIGALRM, value: { low: id, high: 0 } });
  }
  const signal = memory.readI32(address + SIGEVENT.signo);
  const notify = memory.readI32(address + SIGEVENT.notify);
  const value = {
    low: memory.readI32(address + SIGEVENT.value),
    high: memory.readI32(address + SIGEVENT.value + 4),
  };
  if (notify === SIGEV_NONE) return () => ({ signal, value });
  if (signal < 1 || signal > 64) fail(EINVAL);
  if (notify === SIGEV_SIGNAL || notify === SIGEV_THREAD) return () => ({ sink: group, signal, value });
  if (notify !== SIGEV_THREAD_ID) fail(EINVAL);
  const thread = task.kernel.pids.task(memory.readI32(address + SIGEVENT.tid));
  if (thread?.group !== group) fail(EINVAL);
  return () => ({ sink: thread!, signal, value });
}

export const timers: SyscallFamily = {
  getitimer(task, args) {
    writeSetting(task, args[1]!, intervalTimer(task, args[0]! | 0).get(), writeTimeVal);
    return 0;
  },

  setitimer(task, args) {
    const timer = intervalTimer(task, args[0]! | 0);
    const old = timer.get();
    const none = { seconds: 0, nanoseconds: 0 };
    const interval = args[1] === 0 ? none : readTimeVal(task.memory, args[1]!);
    const value = args[1] === 0 ? none : readTimeVal(task.memory, args[1]! + 16);
    timer.set(inMilliseconds(value), inMilliseconds(interval));
    writeSetting(task, args[2]!, old, writeTimeVal);
    return 0;
  },

  alarm(task, args) {
    const timer = intervalTimer(task, ITIMER_REAL);
    const { value } = timer.get();
    timer.set((args[0]! >>> 0) * 1000, 0);
    // Rounded, but an alarm that is set never says 0.
    return value === 0 ? 0 : Math.max(1, Math.round(value / 1000));
  },

  timer_create(task, args) {
    const kind = findClock(task, args[0]! | 0);
    if (!kind) return -EINVAL;
    const notice = readNotice(task, args[1]!);
    const source = typeof kind === 'string' ? undefined : cpuSource(kind);
    const timer = processTimers(task.group).create(args[0]! | 0, notice, source);
    if (typeof timer === 'number') return timer;
    try {
      task.memory.writeU32(args[2]!, timer.id);
    } catch (error) {
      processTimers(task.group).delete(timer);
      throw error;
    }
    return 0;
  },

  timer_settime(task, args) {
    const posix = posixTimer(task, args[0]!);
    const interval = inMilliseconds(readTimeSpec(task.memory, args[2]!));
    const value = readTimeSpec(task.memory, args[2]! + 16);
    const old = posix.timer.get();
    const unset = value.seconds === 0 && value.nanoseconds === 0;
    const absolute = (args[1]! & TIMER_ABSTIME) !== 0;
    const kind = findClock(task, posix.clock);
    if (!kind) return -EOPNOTSUPP;
    if (unset || !absolute) posix.timer.set(inMilliseconds(value), interval);
    else posix.timer.setAt(monotonicDeadline(task, kind, value), interval);
    writeSetting(task, args[3]!, old);
    return 0;
  },

  timer_gettime(task, args) {
    writeSetting(task, args[1]!, posixTimer(task, args[0]!).timer.get());
    return 0;
  },

  timer_getoverrun: (task, args) => posixTimer(task, args[0]!).lastOverrun,

  timer_delete(task, args) {
    processTimers(task.group).delete(posixTimer(task, args[0]!));
    return 0;
  },
};
