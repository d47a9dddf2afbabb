/*
 * baseline KIND COUNT [WARMUP]: what a system call costs that another process answers, when all of it is C.
 *
 * KIND is the way from one to the other: `ring` (shared memory and no call at all: the least that any of them can
 * cost), `trap`, `notify`, `ptrace`. Each answers getppid with a constant, and the guest looks whether it got it. Beside these the
 * platforms of ring3 are judged: what they take longer is the price of their kernel, and not of the trap.
 *
 * Prints the same line of JSON as `micro`. With one core (taskset(1)) `ring` and `trap` hand over by futex: `cores` tells.
 */
#define _GNU_SOURCE
#include "baseline/ring.h"
#include "baseline/trap.h"
#include "baseline/notify.h"
#include "baseline/ptrace.h"

static double repeat(void (*ask)(void), long count, long warm_up) {
  for (long i = 0; i < warm_up; i++) ask();
  double start = now();
  for (long i = 0; i < count; i++) ask();
  double time = now() - start;
  end_answerer();
  return time;
}

static double measure(const char *kind, long count, long warm_up) {
  if (strcmp(kind, "ring") == 0) return start_ring(), repeat(ask_ring, count, warm_up);
  if (strcmp(kind, "trap") == 0) return start_trap(), repeat(ask, count, warm_up);
  if (strcmp(kind, "notify") == 0) return start_notify(), repeat(ask, count, warm_up);
  if (strcmp(kind, "ptrace") == 0) return trace(count, warm_up);
  return -1;
}

int main(int argc, char **argv) {
  long count = argc > 2 ? number(argv[2], 1) : -1;
  long warm_up = argc > 3 ? number(argv[3], 0) : (count + 9) / 10;
  if (argc < 5 && count > 0 && warm_up >= 0) {
    int available = cores();
    double time = measure(argv[1], count, warm_up);
    if (time >= 0) return report(argv[1], count, time, available), 0;
  }
  fprintf(stderr, "usage: baseline ring|trap|notify|ptrace COUNT [WARMUP]\n");
  return 2;
}
