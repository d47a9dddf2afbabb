/*
 * Idea: a new user namespace makes anybody root in it, with every capability over what it owns: and with that comes
 * the part of the kernel that only root was meant to reach (mount, netfilter, …).
 * Incident: CVE-2022-0185, CVE-2022-2588, CVE-2023-32233 and dozens more needed "an unprivileged user namespace".
 * Success: we have CAP_SYS_ADMIN over a new namespace, by unshare, clone or clone3.
 * Usage: unshare-user
 */
#include "attempt.h"
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>

static void by_unshare(void) {
  if (unshare(CLONE_NEWUSER) == 0) _exit(0);
}
static void by_unshare_mount(void) {
  if (unshare(CLONE_NEWNS) == 0) _exit(0);
}
static void by_clone(void) {
  long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  if (child >= 0) _exit(0);
}
static void by_clone3(void) {
  struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
  long child = syscall(SYS_clone3, &args, sizeof args);
  if (child >= 0) _exit(0);
}

int main(void) {
  if (in_child("unshare(NEWUSER)", by_unshare) == 0) escaped("unshare makes a user namespace");
  if (in_child("clone(NEWUSER)", by_clone) == 0) escaped("clone makes a user namespace");
  if (in_child("clone3(NEWUSER)", by_clone3) == 0) escaped("clone3 makes a user namespace");
  if (in_child("unshare(NEWNS)", by_unshare_mount) == 0) escaped("unshare makes a mount namespace");
  contained();
}
