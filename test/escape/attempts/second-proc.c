/*
 * Idea: never mind the masks on /proc: mount another proc, which has none.
 * Incident: what made runtimes refuse unmasked proc mounts; the kernel's own rule is mount_too_revealing().
 * Success: what is masked or read-only in /proc opens for writing in the second one (nothing is written).
 * Usage: second-proc
 */
#include "attempt.h"
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>

static char directory[] = "/tmp/second-proc-XXXXXX";

static void mount_and_look(void) {
  static const char *const files[] = {"sysrq-trigger", "sys/kernel/core_pattern", "sys/vm/drop_caches"};
  char path[64];
  int file = -1;
  if (mount("proc", directory, "proc", 0, NULL) < 0) return;
  for (size_t i = 0; i < sizeof files / sizeof *files && file < 0; i++) {
    snprintf(path, sizeof path, "%s/%s", directory, files[i]);
    file = open(path, O_WRONLY | O_CLOEXEC);
  }
  int error = errno;
  umount2(directory, MNT_DETACH);
  errno = error;
  if (file >= 0) _exit(0);
}

static void in_own_namespaces(void) {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) < 0) return;
  /* A new pid namespace takes effect for the next child. */
  int status;
  pid_t child = fork();
  if (child == 0) {
    mount_and_look();
    _exit(errno);
  }
  waitpid(child, &status, 0);
  if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
}

int main(void) {
  if (!mkdtemp(directory)) missing("a writable /tmp: %s", strerror(errno));
  int open1 = in_child("mount proc as we are", mount_and_look);
  int open2 = open1 ? in_child("mount proc in namespaces of our own", in_own_namespaces) : -1;
  rmdir(directory);
  if (open1 == 0 || open2 == 0) escaped("a second proc has no masks");
  contained();
}
