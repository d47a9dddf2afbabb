/*
 * Idea: a filter that refuses mount(2) may have forgotten fsopen(2), fsconfig(2), fsmount(2), and fspick(2).
 * Incident: CVE-2022-0185: fsconfig's legacy parameters overran a page; any process that could fsopen was root.
 * Success: a file system is created, or fsopen even starts to.
 * Usage: new-mount-api
 */
#include "attempt.h"
#include <sched.h>

#ifndef SYS_fsopen
#define SYS_fsopen 430
#define SYS_fspick 433
#endif

static void look(const char *who) {
  if (syscall(SYS_fsopen, "tmpfs", 1 /* FSOPEN_CLOEXEC */) >= 0) escaped("fsopen of a tmpfs works %s", who);
  stopped("fsopen %s", who);
  if (syscall(SYS_fspick, AT_FDCWD, "/", 1 /* FSPICK_CLOEXEC */) >= 0) escaped("fspick of / works %s", who);
  stopped("fspick %s", who);
}

int main(void) {
  look("as we are");
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) look("in namespaces of our own");
  else stopped("unshare");
  contained();
}
