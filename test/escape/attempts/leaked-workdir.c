/*
 * Idea: a working directory outside of our root is a leaked directory descriptor that nobody thinks to close.
 * Incident: CVE-2024-21626: `runc run --cwd /proc/self/fd/7` started the container in the host's file system.
 * Success: the working directory lies outside of our root, or the host's file can be read by a path that starts
 * with "..".
 * Usage: leaked-workdir SECRET
 */
#include "attempt.h"

int main(int argc, char **argv) {
  const char *secret = argument(argc, argv, 1, "path of a file outside of our root");
  char line[256], here[4096];
  ssize_t length = syscall(SYS_getcwd, here, sizeof here);
  if (length < 0) escaped("the working directory has no path inside: getcwd says %s", strerrorname_np(errno));
  if (here[0] != '/') escaped("the working directory is %s", here);
  climb();
  if (read_line_at(AT_FDCWD, secret + 1, line, sizeof line) == 0)
    escaped("read \"%s\" from the working directory", line);
  stopped("open ../..%s", secret);
  contained();
}
