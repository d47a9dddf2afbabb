/* The page of data that lies right before the vDSO's own: how to make the time out of the processor's counter.
 * The kernel writes it, and makes `sequence` odd while it does; guests can only read it. */
#ifndef RING3_VDSO_CLOCK_H
#define RING3_VDSO_CLOCK_H
#include <stdint.h>

struct r3_clock {
  uint32_t sequence;
  uint32_t ready;     /* 0: ask the kernel */
  uint64_t counter;   /* the processor's counter when `monotonic` was the time */
  uint64_t monotonic; /* CLOCK_MONOTONIC in nanoseconds */
  uint64_t scale;     /* nanoseconds a tick, times 2^32 */
  int64_t realtime_seconds, realtime_nanoseconds; /* what CLOCK_REALTIME is ahead of CLOCK_MONOTONIC */
};

static inline uint64_t read_counter(void) {
#if defined(__x86_64__)
  uint32_t low, high;
  __asm__ volatile("lfence\n rdtsc" : "=a"(low), "=d"(high));
  return (uint64_t)high << 32 | low;
#elif defined(__aarch64__)
  uint64_t value;
  __asm__ volatile("isb\n mrs %0, cntvct_el0" : "=r"(value));
  return value;
#else
#error no other architecture is supported
#endif
}

#endif
