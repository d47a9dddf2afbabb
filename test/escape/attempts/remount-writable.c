/*
 * Idea: read-only is a flag of a mount, and flags can be changed: mount -o remount,bind,rw.
 * Incident: CVE-2020-15257's cousins; the reason why a more privileged mount namespace locks its flags.
 * Success: a file on a mount that was read-only opens for writing.
 * Usage: remount-writable MOUNT FILE
 */
#include "attempt.h"
#include <sched.h>
#include <sys/mount.h>

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
struct attributes {
  unsigned long long set, clear, propagation, userns;
};

static void try_writable(const char *who, const char *target, const char *path) {
  struct attributes writable = {.clear = 1 /* MOUNT_ATTR_RDONLY */};
  if (mount(NULL, target, NULL, MS_REMOUNT | MS_BIND, NULL) < 0) stopped("remount %s %s", target, who);
  if (syscall(SYS_mount_setattr, AT_FDCWD, target, 0, &writable, sizeof writable) < 0)
    stopped("mount_setattr %s %s", target, who);
  open_for_writing(path);
}

int main(int argc, char **argv) {
  const char *target = argument(argc, argv, 1, "a read-only mount");
  const char *path = argument(argc, argv, 2, "a file on it");
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file >= 0) escaped("%s was writable to begin with", path);
  stopped("open %s", path);
  try_writable("as we are", target, path);
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) try_writable("in namespaces of our own", target, path);
  else stopped("unshare");
  contained();
}
