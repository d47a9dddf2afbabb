/*
 * Idea: what /proc/sys offers changes the whole machine unless a namespace says otherwise: one writable file is
 * enough to disturb everybody (vm/drop_caches, kernel/threads-max, fs/file-max …).
 * Incident: CVE-2022-0811 again; the reason why /proc/sys is mounted read-only.
 * Success: any file below /proc/sys, or of the files of /proc that are like it, opens for writing.
 * Usage: proc-sys
 */
#include "attempt.h"
#include <ftw.h>

static int seen;

static int visit(const char *path, const struct stat *status, int type, struct FTW *walk) {
  (void)walk;
  if (type != FTW_F || !S_ISREG(status->st_mode)) return 0;
  seen++;
  int file = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
  if (file >= 0) escaped("%s opens for writing", path);
  if (seen == 1) stopped("open %s", path);
  return 0;
}

int main(void) {
  nftw("/proc/sys", visit, 32, FTW_PHYS | FTW_MOUNT);
  nftw("/proc/irq", visit, 32, FTW_PHYS);
  nftw("/proc/bus", visit, 32, FTW_PHYS);
  nftw("/proc/fs", visit, 32, FTW_PHYS);
  nftw("/proc/scsi", visit, 32, FTW_PHYS);
  open_for_writing("/proc/mtrr");
  open_for_writing("/proc/timer_list");
  errno = EROFS;
  stopped("%d files of /proc: open", seen);
  contained();
}
