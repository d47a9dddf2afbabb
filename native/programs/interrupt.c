/* How long it takes to interrupt, and to kill, a process that computes and makes no call (test/guest/alive.test.ts).
 * Prints for each of ROUNDS two times in microseconds: until its handler has run, and until its end is known. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int answer[2];

static void answer_signal(int signal) {
  (void)signal;
  write(answer[1], "x", 1);
}

static long now_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 20;
  pipe(answer);
  signal(SIGUSR1, answer_signal);
  for (int round = 0; round < rounds; round++) {
    pid_t child = fork();
    if (child == 0) for (;;) __asm__ volatile("");
    struct timespec pause = {0, 20000000};
    nanosleep(&pause, NULL);
    char byte;
    long began = now_us();
    kill(child, SIGUSR1);
    read(answer[0], &byte, 1);
    long interrupted = now_us() - began;
    nanosleep(&pause, NULL);
    began = now_us();
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    printf("%ld %ld\n", interrupted, now_us() - began);
  }
}
