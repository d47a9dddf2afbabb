/*
 * pace: print what two system calls cost where this process runs, in nanoseconds a call, one a line.
 *
 * `getppid`: no filter needs to look at its arguments, so that the kernel keeps the decision in a bitmap (seccomp(2),
 * since Linux 5.11). `fchmod`, on a descriptor that is not open: a filter that minds the mode must run each time.
 *
 * The fastest of several batches: whatever disturbs a batch makes it slower.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { BATCHES = 20, CALLS = 2000 };

static double nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double fastest(long number, long first, long second) {
  double best = 0;
  for (int batch = 0; batch < BATCHES; batch++) {
    double start = nanoseconds();
    for (int call = 0; call < CALLS; call++) syscall(number, first, second);
    double each = (nanoseconds() - start) / CALLS;
    if (batch == 0 || each < best) best = each;
  }
  return best;
}

int main(void) {
  printf("getppid %.1f\n", fastest(SYS_getppid, 0, 0));
  printf("fchmod %.1f\n", fastest(SYS_fchmod, -1, 0));
  return 0;
}
