/*
 * fleeing CHAINS SECONDS: so many chains of processes in which each forks the next and leaves at once, so that no pid
 * stays true for long, for at most SECONDS. They begin when a line comes in; until then their origin, whose pid is
 * printed, can be put where it is wanted. The first process stays where it is, sleeps, and so keeps the rest alive.
 */
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CHAINS = 32, MOST_SECONDS = 10 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void flee(double until) {
  while (now() < until) {
    /* A short stay, so that a handful of chains does not use up the machine's pids. A refused fork is tried again. */
    usleep(200);
    if (fork() > 0) _exit(0);
  }
  _exit(0);
}

int main(int argc, char **argv) {
  long chains = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
  long seconds = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
  if (chains < 1 || chains > MOST_CHAINS || seconds < 1 || seconds > MOST_SECONDS) {
    fprintf(stderr, "usage: fleeing 1..%d 1..%d\n", MOST_CHAINS, MOST_SECONDS);
    return 2;
  }
  /* The first process inherits what the chains leave behind, and by ignoring their end leaves no zombies. */
  signal(SIGCHLD, SIG_IGN);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  double until = now() + (double)seconds;
  pid_t origin = fork();
  if (origin == 0) {
    if (getchar() == EOF) _exit(0);
    for (long i = 0; i < chains; i++)
      if (fork() == 0) flee(until);
    _exit(0);
  }
  printf("origin %d\n", (int)origin);
  fflush(stdout);
  sleep((unsigned)seconds);
  return 0;
}
