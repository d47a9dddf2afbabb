/*
 * Idea: chroot(2) changes where / is, not where we are. Whoever may call it again while standing outside the new
 * root walks up with ".." to the real one.
 * Incident: as old as chroot; the manual page itself says that it is no confinement.
 * Success: a file that only the host has can be read.
 * Usage: chroot-breakout SECRET
 */
#include "attempt.h"

int main(int argc, char **argv) {
  const char *secret = argument(argc, argv, 1, "path of a file outside of our root");
  char line[256];
  if (read_line_at(AT_FDCWD, secret, line, sizeof line) == 0) escaped("read \"%s\" without trying", line);
  stopped("open %s", secret);

  if (chroot("/tmp") < 0) {
    stopped("chroot");
    contained();
  }
  climb();
  if (chroot(".") < 0) stopped("second chroot");
  if (read_line_at(AT_FDCWD, secret, line, sizeof line) == 0) escaped("read \"%s\" after a second chroot", line);
  stopped("open %s after a second chroot", secret);
  contained();
}
