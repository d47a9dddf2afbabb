/*
 * Idea: what pivot_root(2) did, pivot_root can do again: stack a new root on the old one and rearrange what is below.
 * Incident: the second half of many mount escapes; runtimes refuse the call to the guest.
 * Success: pivot_root works.
 * Usage: pivot-again
 */
#include "attempt.h"
#include <sched.h>
#include <sys/mount.h>

static void look(const char *who) {
  if (mount("none", "/tmp", "tmpfs", 0, NULL) < 0) stopped("mount a new root %s", who);
  if (chdir("/tmp") < 0) stopped("chdir");
  if (syscall(SYS_pivot_root, ".", ".") == 0) escaped("pivot_root works %s", who);
  stopped("pivot_root %s", who);
}

int main(void) {
  look("as we are");
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) look("in namespaces of our own");
  else stopped("unshare");
  contained();
}
