/*
 * Idea: a block device needs no file that is already there: mknod(2) makes one anywhere, and behind it is the host's
 * disk, all of it.
 * Incident: the reason for the devices cgroup, nodev, and CAP_MKNOD; CVE-2020-8557's era of "privileged enough".
 * Success: the node can be made and opened (for reading; nothing is read).
 * Usage: mknod-disk MAJOR:MINOR...
 */
#include "attempt.h"

static void open_device(unsigned major_number, unsigned minor_number) {
  const char *folders[] = {"/tmp", "/dev", "/dev/shm", "."};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    char path[64];
    snprintf(path, sizeof path, "%s/ring3-escape-disk-%d", folders[i], getpid());
    if (mknod(path, S_IFBLK | 0600, makedev(major_number, minor_number)) < 0) {
      stopped("mknod %s", path);
      continue;
    }
    int disk = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int error = errno;
    unlink(path);
    errno = error;
    if (disk >= 0) escaped("opened the disk %u:%u through %s", major_number, minor_number, path);
    stopped("open %s", path);
  }
}

int main(int argc, char **argv) {
  argument(argc, argv, 1, "number of a block device");
  for (int i = 1; i < argc; i++) {
    unsigned major_number, minor_number;
    if (sscanf(argv[i], "%u:%u", &major_number, &minor_number) != 2) missing("a number like 7:0, not %s", argv[i]);
    open_device(major_number, minor_number);
  }
  contained();
}
