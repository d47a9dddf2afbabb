/*
 * forkbomb [TRIES [SECONDS]]: every process forks as fast as it can, and so do its children.
 * Bounded, so that it is harmless where nothing contains it: TRIES forks in all (at most 10,000), SECONDS of life
 * (at most 30), ten CPU seconds a process, and whoever loses its parent is killed, so that the end of the first is
 * the end of all. The first one reports what was seen.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MOST_TRIES = 10000, MOST_SECONDS = 30 };

static struct tally {
  atomic_long tries, forked, refused;
  atomic_int why;
} *tally;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void bomb(long tries, double until) {
  while (atomic_fetch_add(&tally->tries, 1) < tries && now() < until) {
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != parent) _exit(0);
      atomic_fetch_add(&tally->forked, 1);
    } else if (child < 0) {
      atomic_store(&tally->why, errno);
      atomic_fetch_add(&tally->refused, 1);
    }
  }
}

int main(int argc, char **argv) {
  long tries = argc > 1 ? strtol(argv[1], NULL, 10) : MOST_TRIES;
  long seconds = argc > 2 ? strtol(argv[2], NULL, 10) : 3;
  if (tries < 1 || tries > MOST_TRIES || seconds < 1 || seconds > MOST_SECONDS) {
    fprintf(stderr, "usage: forkbomb [1..%d [1..%d]]\n", MOST_TRIES, MOST_SECONDS);
    return 2;
  }
  struct rlimit cpu = {10, 10};
  tally = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (tally == MAP_FAILED || setrlimit(RLIMIT_CPU, &cpu) != 0) {
    perror("forkbomb");
    return 1;
  }

  pid_t first = getpid();
  double until = now() + (double)seconds;
  bomb(tries, until);
  if (getpid() != first) {
    /* Stay, as a bomb's processes do: what was forked still counts against a limit. */
    for (;;) pause();
  }
  /* forked is counted by the child itself: give the last ones a moment. */
  usleep(100000);
  int why = atomic_load(&tally->why);
  printf("forkbomb: %ld forked, %ld refused%s%s\n", atomic_load(&tally->forked), atomic_load(&tally->refused),
         why ? ": " : "", why ? strerror(why) : "");
  return 0;
}
