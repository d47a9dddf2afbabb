/*
 * Idea: capabilities can be attached to a file (ping had cap_net_raw); executing it gains them without any setuid.
 * Incident: CVE-2021-3493: file capabilities set in a user namespace counted outside.
 * Success: after the exec, the effective set holds what the file grants.
 * Usage: file-capabilities FILE; file-capabilities --grant FILE gives FILE CAP_SYS_PTRACE
 */
#include "attempt.h"
#include <linux/capability.h>
#include <sys/xattr.h>

static int grant(const char *file) {
  struct vfs_cap_data data = {.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE};
  data.data[0].permitted = 1u << CAP_SYS_PTRACE;
  if (setxattr(file, "security.capability", &data, XATTR_CAPS_SZ_2, 0) < 0)
    missing("file capabilities on %s: %s", file, strerror(errno));
  return 0;
}

int main(int argc, char **argv) {
  const char *file = argument(argc, argv, 1, "a file with capabilities");
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct sets[2];
  if (argc == 3 && strcmp(file, "--grant") == 0) return grant(argv[2]);
  if (syscall(SYS_capget, &header, sets) < 0) missing("capget: %s", strerror(errno));
  if (sets[0].effective & (1u << CAP_SYS_PTRACE)) escaped("CAP_SYS_PTRACE is in the effective set");
  errno = EPERM;
  if (argc > 2) stopped("the file's capabilities were ignored: gain CAP_SYS_PTRACE");
  if (argc > 2) contained();
  execl(file, file, file, "executed", NULL);
  stopped("execve %s", file);
  contained();
}
