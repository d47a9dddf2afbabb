/*
 * Idea: a debugger owns what it debugs. Attach to a process outside and make it run our code there.
 * Incident: CVE-2019-13272 (ptrace credentials); "docker run --pid=host --cap-add SYS_PTRACE".
 * Success: we are attached; we let go at once.
 * Usage: ptrace-outsider PID
 */
#include "attempt.h"
#include <sys/ptrace.h>

int main(int argc, char **argv) {
  pid_t outsider = atoi(argument(argc, argv, 1, "the process id of an outsider"));
  if (ptrace(PTRACE_SEIZE, outsider, NULL, NULL) == 0) {
    ptrace(PTRACE_INTERRUPT, outsider, NULL, NULL);
    waitpid(outsider, NULL, __WALL);
    ptrace(PTRACE_DETACH, outsider, NULL, NULL);
    escaped("seized process %d", outsider);
  }
  stopped("ptrace(SEIZE, %d)", outsider);
  contained();
}
