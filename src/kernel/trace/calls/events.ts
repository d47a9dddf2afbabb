/** Waiting for descriptors and for time. */
import * as clocks from '../../../linux/clocks.ts';
import * as epoll from '../../../linux/epoll.ts';
import { flags, named, oneOf, counted } from '../names.ts';
import type { TraceFamily } from '../row.ts';
import { epollEvent, epollEvents, fdSet, pollAnswer, polled, selectAnswer } from '../structs/events.ts';
import { signalSet } from '../structs/signals.ts';
import {
  itimerspec,
  itimerspecOut,
  itimerval,
  itimervalOut,
  timespec,
  timespecOut,
  timeval,
  timevalOut,
} from '../structs/time.ts';
import { hexadecimal, integer, integerOut, pointer, size, unsigned } from '../values.ts';

const CLOCK = oneOf(named(clocks, 'CLOCK_'));
const TIMER = oneOf(named(clocks, 'ITIMER_'));
const ABSOLUTE = flags(named({ TIMER_ABSTIME: 1 }, ''));
const TFD = flags(named({ TFD_NONBLOCK: 0o4000, TFD_CLOEXEC: 0o2000000 }, ''));
const EFD = flags(named({ EFD_SEMAPHORE: 1, EFD_NONBLOCK: 0o4000, EFD_CLOEXEC: 0o2000000 }, ''));

export const events: TraceFamily = {
  poll: { arguments: [polled(1), unsigned, integer], comment: pollAnswer(1) },
  ppoll: { arguments: [polled(1), unsigned, timespec, signalSet, size], comment: pollAnswer(1) },
  select: { arguments: [integer, fdSet, fdSet, fdSet, timeval], comment: selectAnswer('timeval') },
  pselect6: {
    arguments: [integer, fdSet, fdSet, fdSet, timespec, pointer],
    comment: selectAnswer('timespec'),
  },
  epoll_create: [integer],
  epoll_create1: [flags(named(epoll, 'EPOLL_CLOEXEC'))],
  epoll_ctl: [
    integer,
    oneOf(counted('0', 'EPOLL_CTL_ADD', 'EPOLL_CTL_DEL', 'EPOLL_CTL_MOD')),
    integer,
    epollEvent,
  ],
  epoll_wait: [integer, epollEvents, integer, integer],
  epoll_pwait2: [integer, epollEvents, integer, timespec, signalSet, size],
  epoll_pwait: [integer, epollEvents, integer, integer, signalSet, size],
  eventfd: [unsigned],
  eventfd2: [unsigned, EFD],
  timerfd_create: [CLOCK, TFD],
  timerfd_settime: [
    integer,
    flags(named({ TFD_TIMER_ABSTIME: 1, TFD_TIMER_CANCEL_ON_SET: 2 }, '')),
    itimerspec,
    itimerspecOut,
  ],
  timerfd_gettime: [integer, itimerspecOut],
  clock_gettime: [CLOCK, timespecOut],
  clock_getres: [CLOCK, timespecOut],
  clock_nanosleep: [CLOCK, ABSOLUTE, timespec, timespecOut],
  nanosleep: [timespec, timespecOut],
  gettimeofday: [timevalOut, pointer],
  time: [pointer],
  times: [pointer],
  alarm: [unsigned],
  getitimer: [TIMER, itimervalOut],
  setitimer: [TIMER, itimerval, itimervalOut],
  timer_create: [CLOCK, pointer, integerOut],
  timer_settime: [integer, ABSOLUTE, itimerspec, itimerspecOut],
  timer_gettime: [integer, itimerspecOut],
  timer_delete: [integer],
  timer_getoverrun: [integer],
  restart_syscall: [hexadecimal],
};
