/*
 * greedy PROCESSES MILLISECONDS MEBIBYTES: takes what it can get of everything, one thing after the other, and says how
 * far it came: processes (they sleep), time on the processor, memory. Bounded, so that it is harmless unlimited too.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_PROCESSES = 512, MOST_MILLISECONDS = 2000, MOST_MEBIBYTES = 512, REFUSALS = 3 };

static long bounded(const char *text, long most) {
  long value = strtol(text, NULL, 10);
  return value < 0 ? 0 : value > most ? most : value;
}

static double milliseconds_of(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void take_processes(long wanted) {
  static pid_t taken[MOST_PROCESSES];
  long count = 0, refused = 0;
  while (count < wanted && refused < REFUSALS) {
    pid_t child = fork();
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (;;) pause();
    }
    if (child > 0)
      taken[count++] = child;
    else
      refused++;
  }
  printf("processes %ld refused %ld\n", count, refused);
  fflush(stdout);
  for (long i = 0; i < count; i++) kill(taken[i], SIGKILL);
  while (wait(NULL) > 0) continue;
}

/* Time that we got, not time that went by: on a busy machine those have little to do with one another. */
static void take_time(long milliseconds) {
  volatile unsigned long sum = 0;
  double until = milliseconds_of(CLOCK_PROCESS_CPUTIME_ID) + (double)milliseconds;
  double deadline = milliseconds_of(CLOCK_MONOTONIC) + MOST_MILLISECONDS;
  while (milliseconds_of(CLOCK_PROCESS_CPUTIME_ID) < until && milliseconds_of(CLOCK_MONOTONIC) < deadline)
    for (int i = 0; i < 20000; i++) sum += (unsigned long)i;
}

static void take_memory(long mebibytes) {
  const size_t mib = 1024 * 1024;
  for (long i = 0; i < mebibytes; i++) {
    char *block = mmap(NULL, mib, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) return;
    memset(block, 0x5a, mib);
  }
  printf("memory %ld\n", mebibytes);
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: greedy PROCESSES MILLISECONDS MEBIBYTES\n");
    return 2;
  }
  take_processes(bounded(argv[1], MOST_PROCESSES));
  /* Whoever limits us too late has all the time of the world. */
  if (getchar() == EOF) return 3;
  take_time(bounded(argv[2], MOST_MILLISECONDS));
  take_memory(bounded(argv[3], MOST_MEBIBYTES));
  return 0;
}
