/*
 * Idea: every device in /dev is a driver of the host's kernel. What a program needs is a dozen; the rest is attack
 * surface or simply the machine: disks, KVM, FUSE, input, memory.
 * Incident: "docker run --privileged"; /dev/fuse and /dev/kvm bugs; CVE-2022-0847's ancestors.
 * Success: a device opens (for reading, without waiting) that is not on the list of harmless ones.
 * Usage: host-devices
 */
#include "attempt.h"
#include <ftw.h>

static int seen;

static int harmless(dev_t device) {
  unsigned kind = major(device), number = minor(device);
  if (kind == 1) return number == 3 || number == 5 || number == 7 || number == 8 || number == 9; /* null … urandom */
  if (kind == 5) return number == 0 || number == 2;                                             /* tty, ptmx */
  return kind >= 136 && kind <= 143;                                                            /* pts */
}

static int visit(const char *path, const struct stat *status, int type, struct FTW *walk) {
  (void)type, (void)walk;
  if (!S_ISCHR(status->st_mode) && !S_ISBLK(status->st_mode)) return 0;
  if (harmless(status->st_rdev)) return 0;
  seen++;
  /* Opening a watchdog arms it: the machine would reboot. That it is there is enough. */
  if (strstr(path, "watchdog")) escaped("%s is in sight", path);
  int device = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (device >= 0) escaped("%s opens (device %u:%u)", path, major(status->st_rdev), minor(status->st_rdev));
  stopped("open %s", path);
  return 0;
}

int main(void) {
  nftw("/dev", visit, 16, FTW_PHYS);
  errno = ENODEV;
  if (!seen) stopped("only harmless devices in /dev; open the others");
  contained();
}
