/*
 * Idea: when pid 1 dies its whole world is torn down, perhaps not quite in the order that the runtime expects; and a
 * runtime's init forwards or handles signals, perhaps badly. Send it every signal there is.
 * Incident: the class of bug behind runc's and tini's many fixes of signal forwarding.
 * Success: init dies (or stops) of a signal that we sent.
 * Usage: kill-init PID (of init; 1 inside a sandbox)
 */
#include "attempt.h"
#include <signal.h>

/* The state letter of /proc/PID/stat; '\0' when the process is gone. */
static char state_of(const char *pid) {
  char path[64], line[512];
  snprintf(path, sizeof path, "/proc/%s/stat", pid);
  if (read_line_at(AT_FDCWD, path, line, sizeof line) < 0) return '\0';
  const char *end = strrchr(line, ')');
  return end ? end[2] : '\0';
}

int main(int argc, char **argv) {
  const char *init = argument(argc, argv, 1, "the process id of init");
  sigset_t all;
  sigfillset(&all); /* what init forwards to us must not end us first */
  sigprocmask(SIG_BLOCK, &all, NULL);
  static const int harmful[] = {SIGKILL, SIGSTOP, SIGSEGV, SIGTERM, SIGABRT, SIGTRAP, SIGTSTP, SIGUSR1, SIGALRM};
  for (size_t i = 0; i < sizeof harmful / sizeof *harmful; i++) {
    if (kill(atoi(init), harmful[i]) < 0) {
      stopped("kill %s", sigabbrev_np(harmful[i]));
      continue;
    }
    usleep(50000);
    char state = state_of(init);
    if (state == '\0' || state == 'Z' || state == 'T')
      escaped("init is %s after SIG%s", state == 'T' ? "stopped" : "dead", sigabbrev_np(harmful[i]));
  }
  errno = EALREADY;
  stopped("init lives on in state %c", state_of(init));
  contained();
}
