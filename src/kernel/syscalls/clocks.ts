/** Telling the time, and sleeping (clock_gettime(2), nanosleep(2)). */
import {
  EAGAIN,
  EINVAL,
  EOPNOTSUPP,
  EPERM,
  ERESTARTNOHAND,
  ERESTARTSYS,
  ERESTART_RESTARTBLOCK,
  ETIMEDOUT,
} from '../../linux/errno.ts';
import {
  CLOCK_MONOTONIC_COARSE,
  CLOCK_REALTIME_COARSE,
  CLOCK_THREAD_CPUTIME_ID,
  TIMER_ABSTIME,
} from '../../linux/clocks.ts';
import type { Task } from '../tasks/task.ts';
import { toMilliseconds, type TimeSpec } from '../time/clock.ts';
import { clockTime, findClock, monotonicDeadline } from '../time/clocks.ts';
import { deadlineAfter, readTimeSpec, timeLeft, writeTimeSpec, writeTimeVal } from './deadline.ts';
import { partial, refused, type SyscallFamily } from './handler.ts';

/** A tick of a kernel with 250 of them a second: what coarse clocks claim to resolve. */
const TICK: TimeSpec = { seconds: 0, nanoseconds: 4e6 };
const FINE: TimeSpec = { seconds: 0, nanoseconds: 1 };

const never = () => -EAGAIN;

/** Until the deadline. @param remainder where to write what is left when a signal came first, 0: nowhere */
async function sleep(task: Task, deadline: number, remainder: number): Promise<number> {
  const result = await task.waitFor([], never, deadline);
  if (result === -ETIMEDOUT) return 0;
  if (result !== -ERESTARTSYS) return result;
  if (remainder !== 0) writeTimeSpec(task.memory, remainder, timeLeft(task, deadline));
  task.restartBlock = (again) => sleep(again, deadline, remainder);
  return -ERESTART_RESTARTBLOCK;
}

async function sleepUntil(task: Task, deadline: number): Promise<number> {
  const result = await task.waitFor([], never, deadline);
  if (result === -ETIMEDOUT) return 0;
  return result === -ERESTARTSYS ? -ERESTARTNOHAND : result;
}

function sleepFor(task: Task, time: TimeSpec, remainder: number): number | Promise<number> {
  const ms = toMilliseconds(time.seconds, time.nanoseconds);
  return ms === 0 ? 0 : sleep(task, deadlineAfter(task, ms), remainder);
}

export const clocks: SyscallFamily = {
  clock_gettime(task, args) {
    const kind = findClock(task, args[0]! | 0);
    if (!kind) return -EINVAL;
    writeTimeSpec(task.memory, args[1]!, clockTime(task, kind));
    return 0;
  },

  clock_getres(task, args) {
    const id = args[0]! | 0;
    if (!findClock(task, id)) return -EINVAL;
    const coarse = id === CLOCK_REALTIME_COARSE || id === CLOCK_MONOTONIC_COARSE;
    if (args[1] !== 0) writeTimeSpec(task.memory, args[1]!, coarse ? TICK : FINE);
    return 0;
  },

  gettimeofday(task, args) {
    if (args[0] !== 0) writeTimeVal(task.memory, args[0]!, task.kernel.clock.realTime());
    if (args[1] !== 0) task.memory.zero(args[1]!, 8);
    return 0;
  },

  time(task, args) {
    const { seconds } = task.kernel.clock.realTime();
    if (args[0] !== 0) task.memory.writeI64(args[0]!, seconds);
    return seconds;
  },

  nanosleep: (task, args) => sleepFor(task, readTimeSpec(task.memory, args[0]!), args[1]!),

  clock_nanosleep: partial('clocks of processor time are not slept on', (task, args) => {
    const id = args[0]! | 0;
    const kind = findClock(task, id);
    if (!kind || id === CLOCK_THREAD_CPUTIME_ID) return -EINVAL;
    if (typeof kind !== 'string') return -EOPNOTSUPP;
    const time = readTimeSpec(task.memory, args[2]!);
    if ((args[1]! & TIMER_ABSTIME) === 0) return sleepFor(task, time, args[3]!);
    const deadline = monotonicDeadline(task, kind, time);
    return deadline <= task.kernel.clock.monotonic() ? 0 : sleepUntil(task, deadline);
  }),

  clock_settime: refused("the clocks are the host's", EPERM),
  settimeofday: refused("the clocks are the host's", EPERM),
  clock_adjtime: refused("the clocks are the host's", EPERM),
  adjtimex: refused("the clocks are the host's", EPERM),
};
