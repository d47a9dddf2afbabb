/*
 * Idea: a process outside that runs under our uid may be signalled by its number, or by a pidfd; our own parent too.
 * Incident: the plainest interference of all; two containers of one user without pid namespaces.
 * Success: signal 0 (which checks the right and delivers nothing) is accepted.
 * Usage: signal-outsider PID...
 */
#include "attempt.h"
#include <signal.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_send_signal 424
#define SYS_pidfd_open 434
#endif

static void send(pid_t pid) {
  if (kill(pid, 0) == 0) escaped("may signal process %d", pid);
  stopped("kill %d", pid);
  int process = syscall(SYS_pidfd_open, pid, 0);
  if (process >= 0 && syscall(SYS_pidfd_send_signal, process, 0, NULL, 0) == 0)
    escaped("may signal process %d through a pidfd", pid);
  stopped("pidfd of %d", pid);
}

int main(int argc, char **argv) {
  argument(argc, argv, 1, "the process id of an outsider");
  for (int i = 1; i < argc; i++) send(atoi(argv[i]));
  /* The runtime's own process group: in a world of our own, our parent is init or nobody. */
  if (getppid() > 1) send(getppid());
  contained();
}
