/*
 * Idea: capabilities that were dropped come back in a user namespace of one's own; there, use them: mount a file
 * system, make a network, become uid 0.
 * Incident: CVE-2021-3493 (overlayfs in a user namespace let file capabilities out), CVE-2023-0386.
 * Success: a mount works, or the effective set is full again.
 * Usage: nested-root
 */
#include "attempt.h"
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>

int main(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct sets[2];
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) stopped("unshare");
  if (syscall(SYS_capget, &header, sets) < 0) missing("capget: %s", strerror(errno));
  if (sets[0].effective & (1u << CAP_SYS_ADMIN)) escaped("CAP_SYS_ADMIN is in the effective set");
  if (mount("none", "/tmp", "tmpfs", 0, NULL) == 0) escaped("a tmpfs could be mounted");
  stopped("mount");
  if (prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0) == 1) escaped("CAP_SYS_ADMIN is in the bounding set");
  contained();
}
