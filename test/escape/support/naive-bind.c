/*
 * Binds a folder into a rootfs as the first container runtimes did: the target is a path, and the kernel follows
 * whatever symbolic links the image left on it, out of the rootfs if they say so.
 *
 * Usage: naive-bind ROOTFS SOURCE TARGET TRIES, in a mount namespace of its own (that of `unshare -m`). Exit 0 and
 * "escaped: …" when a mount landed outside of ROOTFS within TRIES tries; exit 1 when none did.
 */
#define _GNU_SOURCE
#include <err.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* The mount point that the kernel chose: the last line of the table. */
static void last_mount(char *path, size_t size) {
  FILE *mounts = setmntent("/proc/self/mounts", "r");
  for (struct mntent *entry; mounts && (entry = getmntent(mounts));) snprintf(path, size, "%s", entry->mnt_dir);
  if (mounts) endmntent(mounts);
}

int main(int argc, char **argv) {
  if (argc != 5) errx(2, "usage: naive-bind ROOTFS SOURCE TARGET TRIES");
  char target[4096], landed[4096] = "";
  snprintf(target, sizeof target, "%s%s", argv[1], argv[3]);
  for (int tries = atoi(argv[4]); tries > 0; tries--) {
    if (mount(argv[2], target, NULL, MS_BIND, NULL) < 0) continue; /* caught the racer in between */
    last_mount(landed, sizeof landed);
    umount2(landed, MNT_DETACH);
    if (strncmp(landed, argv[1], strlen(argv[1])) != 0) {
      printf("escaped: the mount landed on %s\n", landed);
      return 0;
    }
  }
  printf("contained: every mount stayed in the rootfs\n");
  return 1;
}
