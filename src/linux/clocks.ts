/** Clocks and timers by number (include/uapi/linux/time.h; clock_getres(2)). */
export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;
export const CLOCK_PROCESS_CPUTIME_ID = 2;
export const CLOCK_THREAD_CPUTIME_ID = 3;
export const CLOCK_MONOTONIC_RAW = 4;
export const CLOCK_REALTIME_COARSE = 5;
export const CLOCK_MONOTONIC_COARSE = 6;
export const CLOCK_BOOTTIME = 7;
export const CLOCK_REALTIME_ALARM = 8;
export const CLOCK_BOOTTIME_ALARM = 9;
export const CLOCK_TAI = 11;

/** timer_settime(2), clock_nanosleep(2), timerfd_settime(2). */
export const TIMER_ABSTIME = 1;
export const TFD_TIMER_CANCEL_ON_SET = 2;

export const ITIMER_REAL = 0;
export const ITIMER_VIRTUAL = 1;
export const ITIMER_PROF = 2;

/** How a timer tells of its end: struct sigevent, sigev_notify (sigevent(3type)). */
export const SIGEV_SIGNAL = 0;
export const SIGEV_NONE = 1;
export const SIGEV_THREAD = 2;
export const SIGEV_THREAD_ID = 4;

/** si_code of a signal that a timer of timer_create(2) has sent. */
export const SI_TIMER = -2;

/** struct timespec and struct timeval: two longs. */
export const TIMESPEC = { size: 16, seconds: 0, fraction: 8 } as const;
/** struct itimerspec and struct itimerval: two of the above. */
export const ITIMERSPEC = { size: 32, interval: 0, value: 16 } as const;
/** struct sigevent. */
export const SIGEVENT = { size: 64, value: 0, signo: 8, notify: 12, tid: 16 } as const;
