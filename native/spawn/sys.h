// System calls and constants that the C library of an older distribution may not name yet. All of them are from the
// kernel's uapi headers; the numbers of calls after 5.0 are the same on every architecture.
#pragma once
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cstdint>

#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#define SYS_fsopen 430
#define SYS_fsconfig 431
#define SYS_fsmount 432
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#define SYS_close_range 436
#define SYS_openat2 437
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef OPEN_TREE_CLOEXEC
#define OPEN_TREE_CLOEXEC 02000000
#endif

// Of native/spawn/libc.
extern "C" {
long ring3_clone3(void* args, size_t size, int (*run)(void*), void* argument);  // pid or -errno
void ring3_exec_search(const char* file, char* const argv[]);
}

namespace ring3::sys {

struct CloneArgs {
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};
struct OpenHow {
  uint64_t flags, mode, resolve;
};
struct MountAttr {
  uint64_t attr_set, attr_clr, propagation, userns_fd;
};
constexpr uint64_t kResolveNoMagiclinks = 0x02, kResolveInRoot = 0x10;

inline long clone3(CloneArgs* args) { return syscall(SYS_clone3, args, sizeof *args); }
inline int openat2(int dir, const char* path, OpenHow* how) {
  return static_cast<int>(syscall(SYS_openat2, dir, path, how, sizeof *how));
}
inline int open_tree(int dir, const char* path, unsigned flags) {
  return static_cast<int>(syscall(SYS_open_tree, dir, path, flags));
}
inline int move_mount(int from, const char* from_path, int to, const char* to_path, unsigned flags) {
  return static_cast<int>(syscall(SYS_move_mount, from, from_path, to, to_path, flags));
}
inline int mount_setattr(int dir, const char* path, unsigned flags, MountAttr* attr) {
  return static_cast<int>(syscall(SYS_mount_setattr, dir, path, flags, attr, sizeof *attr));
}
inline int fsopen(const char* type, unsigned flags) { return static_cast<int>(syscall(SYS_fsopen, type, flags)); }
inline int fsconfig(int fd, unsigned command, const char* key, const void* value, int aux) {
  return static_cast<int>(syscall(SYS_fsconfig, fd, command, key, value, aux));
}
inline int fsmount(int fd, unsigned flags, unsigned attributes) {
  return static_cast<int>(syscall(SYS_fsmount, fd, flags, attributes));
}
inline int close_range(unsigned first, unsigned last, unsigned flags) {
  return static_cast<int>(syscall(SYS_close_range, first, last, flags));
}

}  // namespace ring3::sys
