/*
 * burn SECONDS [PROCESSES]: compute for so long by the wall clock, then say how much of a core that was.
 * Several processes together show that a quota holds for a group and not for each of its members.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double seconds_of(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

static double used(int who) {
  struct rusage usage;
  getrusage(who, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

static void burn(double until) {
  volatile unsigned long sum = 0;
  while (now() < until)
    for (int i = 0; i < 20000; i++) sum += (unsigned long)i;
}

int main(int argc, char **argv) {
  double seconds = argc > 1 ? strtod(argv[1], NULL) : 0;
  long processes = argc > 2 ? strtol(argv[2], NULL, 10) : 1;
  if (seconds <= 0 || seconds > 60 || processes < 1 || processes > 64) {
    fprintf(stderr, "usage: burn SECONDS [PROCESSES]   (at most 60, at most 64)\n");
    return 2;
  }
  struct rlimit cpu = {(rlim_t)seconds + 2, (rlim_t)seconds + 2};
  setrlimit(RLIMIT_CPU, &cpu);

  double start = now();
  for (long i = 1; i < processes; i++) {
    pid_t child = fork();
    if (child < 0) {
      perror("burn: fork");
      return 1;
    }
    if (child == 0) {
      burn(start + seconds);
      _exit(0);
    }
  }
  burn(start + seconds);
  while (wait(NULL) > 0) continue;
  double cpu_seconds = used(RUSAGE_SELF) + used(RUSAGE_CHILDREN), wall = now() - start;
  printf("burn: %.3f cpu seconds in %.3f seconds: share %.3f\n", cpu_seconds, wall, cpu_seconds / wall);
  return 0;
}
