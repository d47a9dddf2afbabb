/*
 * Idea: limits hold for a cgroup; move to another one, or change the limit.
 * Incident: CVE-2021-30465's and CVE-2022-0492's reports; containers with a writable /sys/fs/cgroup.
 * Success: a cgroup.procs, or a limit, opens for writing (nothing is written).
 * Usage: cgroup-leave
 */
#include "attempt.h"
#include <ftw.h>
#include <sys/mount.h>

static int seen;

static int visit(const char *path, const struct stat *status, int type, struct FTW *walk) {
  const char *name = path + walk->base;
  if (type != FTW_F || !(status->st_mode & 0222)) return 0;
  seen++;
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file >= 0) escaped("%s opens for writing", path);
  if (strcmp(name, "cgroup.procs") == 0) stopped("open %s", path);
  return 0;
}

int main(void) {
  nftw("/sys/fs/cgroup", visit, 32, FTW_PHYS);
  if (mount("none", "/tmp", "cgroup2", 0, NULL) == 0) nftw("/tmp", visit, 32, FTW_PHYS);
  else stopped("mount cgroup2");
  if (mount("none", "/tmp", "cgroup", 0, "memory") == 0) nftw("/tmp", visit, 32, FTW_PHYS);
  else stopped("mount cgroup");
  errno = ENOENT;
  if (!seen) stopped("search /sys/fs/cgroup");
  contained();
}
