/*
 * Idea: binfmt_misc tells the kernel which interpreter to start for files that begin with given bytes. An entry with
 * flag C runs with the credentials of the file: root's, for a setuid file; and it counts for the whole machine.
 * Incident: "binfmt_misc" backdoors in privileged containers (how docker/binfmt and tonistiigi/binfmt install qemu).
 * Success: the host's register file opens for writing (nothing is written).
 * Usage: binfmt-misc NAMESPACE, where NAMESPACE is the host's /proc/self/ns/user link
 */
#include "attempt.h"
#include <sched.h>
#include <sys/mount.h>

static void mount_and_look(const char *host) {
  char directory[] = "/tmp/binfmt-misc-XXXXXX", path[64], ours[64] = "";
  if (readlink("/proc/self/ns/user", ours, sizeof ours - 1) < 0) stopped("readlink ns/user");
  if (!mkdtemp(directory)) {
    stopped("mkdir %s", directory);
    return;
  }
  snprintf(path, sizeof path, "%s/register", directory);
  int mounted = mount("binfmt_misc", directory, "binfmt_misc", 0, NULL) == 0;
  if (!mounted) stopped("mount binfmt_misc");
  int file = mounted ? open(path, O_WRONLY | O_CLOEXEC) : -1;
  if (mounted) umount2(directory, MNT_DETACH);
  rmdir(directory);
  /* Since Linux 6.7 a user namespace has a registry of its own: then this one is not the host's. */
  if (file >= 0 && strcmp(ours, host) == 0) escaped("the host's binfmt_misc can be registered with");
}

int main(int argc, char **argv) {
  const char *host = argument(argc, argv, 1, "the name of the host's user namespace");
  open_for_writing("/proc/sys/fs/binfmt_misc/register");
  mount_and_look(host);
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) mount_and_look(host);
  else stopped("unshare");
  contained();
}
