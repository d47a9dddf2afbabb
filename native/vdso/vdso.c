/* The vDSO of guests: the clock without a system call (vdso(7)). Freestanding, without writable data. */
#include "clock.h"

enum { CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1, CLOCK_MONOTONIC_RAW = 4, CLOCK_REALTIME_COARSE = 5,
       CLOCK_MONOTONIC_COARSE = 6, CLOCK_BOOTTIME = 7 };
enum { SECOND = 1000000000 };

struct timespec { int64_t seconds, nanoseconds; };
struct timeval { int64_t seconds, microseconds; };
struct timezone { int32_t west, dst; };

/* Where this image begins; a page before it, the data. */
extern const char image[] __asm__("__ehdr_start") __attribute__((visibility("hidden")));
#define CLOCK ((volatile const struct r3_clock *)(image - 4096))

#if defined(__x86_64__)
enum { SYS_gettimeofday = 96, SYS_clock_gettime = 228 };

static long ask_kernel(long number, long a, long b) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b) : "rcx", "r11", "memory");
  return result;
}
#endif

/* Returns 0 when only the kernel can tell. */
static int read_clock(int real, struct timespec *time) {
  volatile const struct r3_clock *clock = CLOCK;
  for (;;) {
    uint32_t sequence = clock->sequence;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (!clock->ready) return 0;
    uint64_t base = clock->counter, now = read_counter();
    uint64_t passed = now > base ? now - base : 0;
    uint64_t total = clock->monotonic + (uint64_t)((unsigned __int128)passed * clock->scale >> 32);
    uint64_t seconds = total / SECOND, nanoseconds = total % SECOND;
    if (real) {
      seconds += (uint64_t)clock->realtime_seconds;
      nanoseconds += (uint64_t)clock->realtime_nanoseconds;
    }
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if ((sequence & 1) || clock->sequence != sequence) continue;
    if (nanoseconds >= SECOND) seconds++, nanoseconds -= SECOND;
    time->seconds = (int64_t)seconds;
    time->nanoseconds = (int64_t)nanoseconds;
    return 1;
  }
}

int __vdso_clock_gettime(int id, struct timespec *time) {
  int real = id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE;
  int known = real || id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_RAW || id == CLOCK_MONOTONIC_COARSE || id == CLOCK_BOOTTIME;
  if (known && read_clock(real, time)) return 0;
  return (int)ask_kernel(SYS_clock_gettime, id, (long)time);
}

int __vdso_gettimeofday(struct timeval *time, struct timezone *zone) {
  struct timespec now;
  if (zone || !time || !read_clock(1, &now)) return (int)ask_kernel(SYS_gettimeofday, (long)time, (long)zone);
  time->seconds = now.seconds;
  time->microseconds = now.nanoseconds / 1000;
  return 0;
}

int64_t __vdso_time(int64_t *result) {
  struct timespec now;
  if (!read_clock(1, &now)) {
    struct timeval time = {0, 0};
    ask_kernel(SYS_gettimeofday, (long)&time, 0);
    now.seconds = time.seconds;
  }
  if (result) *result = now.seconds;
  return now.seconds;
}
