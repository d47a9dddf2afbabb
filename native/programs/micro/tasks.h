/* Processes and threads that come and go, and what one of them tells another. */
#ifndef MICRO_TASKS_H
#define MICRO_TASKS_H

#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "calls.h"

/* As a command line, it ends at once: what is executed is as small as a static program can be. */
#define END "--end"

static void reap(pid_t child) {
  int status;
  must("waitpid", waitpid(child, &status, 0));
  if (status != 0) fail("the child failed");
}

static void run_fork(long count) {
  for (long i = 0; i < count; i++) {
    pid_t child = (pid_t)must("fork", fork());
    if (child == 0) _exit(0);
    reap(child);
  }
}

static void run_exec(long count) {
  char *arguments[] = {(char *)self, END, NULL}, *environment[] = {NULL};
  for (long i = 0; i < count; i++) {
    pid_t child = (pid_t)must("fork", fork());
    if (child == 0) {
      execve(self, arguments, environment);
      _exit(127);
    }
    reap(child);
  }
}

/* libc makes a child here that borrows our memory until it executes (posix_spawn(3), CLONE_VFORK). */
static void run_spawn(long count) {
  char *arguments[] = {(char *)self, END, NULL}, *environment[] = {NULL};
  for (long i = 0; i < count; i++) {
    pid_t child;
    errno = posix_spawn(&child, self, NULL, NULL, arguments, environment);
    if (errno) die("posix_spawn");
    reap(child);
  }
}

static void *nothing(void *argument) { return argument; }

static void run_thread(long count) {
  for (long i = 0; i < count; i++) {
    pthread_t thread;
    errno = pthread_create(&thread, NULL, nothing, NULL);
    if (errno) die("pthread_create");
    pthread_join(thread, NULL);
  }
}

/* Whose turn it is: OURS, THEIRS, or nobody's any more. */
enum { OURS, THEIRS, OVER };
static _Atomic int turn;
static pthread_t partner;

static void give(int next) {
  atomic_store(&turn, next);
  syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* @return the turn that ended the wait. */
static int wait_while(int other) {
  int seen;
  while ((seen = atomic_load(&turn)) == other) syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, other, NULL, NULL, 0);
  return seen;
}

static void *give_back(void *argument) {
  while (wait_while(OURS) == THEIRS) give(OURS);
  return argument;
}

static void start_partner(void) {
  errno = pthread_create(&partner, NULL, give_back, NULL);
  if (errno) die("pthread_create");
}

static void end_partner(void) {
  give(OVER);
  pthread_join(partner, NULL);
}

static void run_futex(long count) {
  for (long i = 0; i < count; i++) {
    give(THEIRS);
    wait_while(THEIRS);
  }
}

static volatile sig_atomic_t delivered;
static pid_t own;

static void on_signal(int signal) {
  (void)signal;
  delivered = 1;
}

static void catch_signal(void) {
  struct sigaction action = {.sa_handler = on_signal};
  must("sigaction", sigaction(SIGUSR1, &action, NULL));
  own = getpid();
}

/* kill(2) to oneself delivers before it returns. */
static void run_signal(long count) {
  for (long i = 0; i < count; i++) {
    delivered = 0;
    must("kill", kill(own, SIGUSR1));
    if (!delivered) fail("no signal came");
  }
}

#endif
