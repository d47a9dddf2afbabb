/*
 * Idea: /sys is the machine's panel of switches. uevent_helper names a program that the kernel starts outside;
 * others turn off a processor, a disk, a mitigation.
 * Incident: the uevent_helper escape ("felix" 2018, docker --privileged); CVE-2022-0492 for its cgroup part.
 * Success: any file below /sys opens for writing (nothing is written). Traces and debugfs are left out: there,
 * opening can already do something.
 * Usage: sysfs-writes
 */
#include "attempt.h"
#include <ftw.h>

static int seen;

static int visit(const char *path, const struct stat *status, int type, struct FTW *walk) {
  (void)walk;
  if (type == FTW_D && (strcmp(path, "/sys/kernel/debug") == 0 || strcmp(path, "/sys/kernel/tracing") == 0))
    return FTW_SKIP_SUBTREE;
  if (type != FTW_F || !S_ISREG(status->st_mode) || !(status->st_mode & 0222)) return FTW_CONTINUE;
  int file = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
  if (file >= 0) escaped("%s opens for writing", path);
  if (seen++ == 0) stopped("open %s", path);
  return FTW_CONTINUE;
}

int main(void) {
  open_for_writing("/sys/kernel/uevent_helper");
  open_for_writing("/sys/kernel/mm/transparent_hugepage/enabled");
  nftw("/sys", visit, 32, FTW_PHYS | FTW_ACTIONRETVAL);
  errno = EROFS;
  stopped("%d files of /sys: open", seen);
  contained();
}
