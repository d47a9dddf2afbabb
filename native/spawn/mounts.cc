// Steps that mount. Each first tries the mount API of Linux 5.2 and 5.12, which works on descriptors and so cannot
// be led astray by a path that changes meanwhile; where the kernel lacks it, mount(2) on /proc/self/fd.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "context.h"
#include "paths.h"
#include "sys.h"

namespace ring3 {
namespace {

// The plan's attributes are MOUNT_ATTR_* of mount_setattr(2); the old call wants MS_*.
unsigned long old_flags(uint64_t attributes) {
  unsigned long flags = 0;
  if (attributes & MOUNT_ATTR_RDONLY) flags |= MS_RDONLY;
  if (attributes & MOUNT_ATTR_NOSUID) flags |= MS_NOSUID;
  if (attributes & MOUNT_ATTR_NODEV) flags |= MS_NODEV;
  if (attributes & MOUNT_ATTR_NOEXEC) flags |= MS_NOEXEC;
  if (attributes & MOUNT_ATTR_NOATIME) flags |= MS_NOATIME;
  if (attributes & 0x00200000) flags |= 256;  // MS_NOSYMFOLLOW
  return flags;
}

void close_all(int* fds, int count) {
  for (int i = 0; i < count; i++) {
    if (fds[i] >= 0) close(fds[i]);
    fds[i] = -1;
  }
}

int set_attributes(int fd, uint64_t attributes, bool recursive) {
  if (attributes == 0) return 0;
  sys::MountAttr attr = {};
  attr.attr_set = attributes;
  // An atime setting is a field and not a bit: it must be cleared before it is set (mount_setattr(2)).
  if (attributes & MOUNT_ATTR_NOATIME) attr.attr_clr = MOUNT_ATTR__ATIME;
  return sys::mount_setattr(fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attr);
}

int attach(int mount, int target) {
  return sys::move_mount(mount, "", target, "", 0x4 | 0x40);  // F_EMPTY_PATH | T_EMPTY_PATH
}

// One `key`, `key=value`, comma-separated, as in mount(8) -o.
int configure(int fs, const char* options) {
  char key[256];
  while (*options) {
    const char* end = strchrnul(options, ',');
    size_t size = static_cast<size_t>(end - options);
    if (size >= sizeof key) return errno = E2BIG, -1;
    memcpy(key, options, size);
    key[size] = '\0';
    options = *end ? end + 1 : end;
    if (size == 0) continue;
    char* value = strchr(key, '=');
    if (value) *value++ = '\0';
    if (sys::fsconfig(fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, key, value, 0) < 0) return -1;
  }
  return 0;
}

// A filesystem that is mounted nowhere yet.
int make_mount(const char* type, const char* source, const char* options, uint64_t attributes) {
  Fd fs(sys::fsopen(type, 1));
  if (fs.value < 0) return -1;
  if (*source && sys::fsconfig(fs.value, FSCONFIG_SET_STRING, "source", source, 0) < 0) return -1;
  if (configure(fs.value, options) < 0) return -1;
  if (sys::fsconfig(fs.value, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0) return -1;
  return sys::fsmount(fs.value, 1, static_cast<unsigned>(attributes));
}

int new_mount(const char* type, const char* source, const char* options, uint64_t attributes, int target) {
  Fd mounted(make_mount(type, source, options, attributes));
  return mounted.value < 0 ? -1 : attach(mounted.value, target);
}

int mount_at(Context& context, const char* type, const char* source, const char* options, uint64_t attributes,
             const char* path) {
  Fd target(open_path(context, path));
  if (target.value < 0) return target.value;
  if (new_mount(type, source, options, attributes, target.value) == 0) return 0;
  if (mount(source, FdPath(target.value).text, type, old_flags(attributes), options) == 0) return 0;
  return failed_at(context, path);
}

int old_bind(int source, int target, bool recursive, uint64_t attributes) {
  FdPath to(target);
  if (mount(FdPath(source).text, to.text, nullptr, MS_BIND | (recursive ? MS_REC : 0), nullptr) < 0) return -1;
  if (attributes == 0) return 0;
  // The old call cannot reach the mounts below: claiming a recursive read-only bind would be a lie.
  if (recursive) return errno = ENOSYS, -1;
  return mount(nullptr, to.text, nullptr, MS_BIND | MS_REMOUNT | old_flags(attributes), nullptr);
}

int bind_fd(Context& context, int source, const char* path, bool recursive, uint64_t attributes) {
  Fd target(open_path(context, path));
  if (target.value < 0) return target.value;
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  Fd tree(sys::open_tree(source, "", flags));
  if (tree.value < 0 && errno == ENOSYS) {
    return old_bind(source, target.value, recursive, attributes) == 0 ? 0 : failed_at(context, path);
  }
  if (tree.value < 0 || set_attributes(tree.value, attributes, recursive) < 0 || attach(tree.value, target.value) < 0)
    return failed_at(context, path);
  return 0;
}

// What is mounted already, at one more place; false where that cannot be.
bool mount_again(int mounted, int target) {
  if (mounted < 0) return false;
  Fd again(sys::open_tree(mounted, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH));
  return again.value >= 0 && attach(again.value, target) == 0;
}

// All masked folders are one empty filesystem: to mount it again costs a third of making another.
int mask_folder(Context& context, int target, const char* path) {
  constexpr uint64_t kAttributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  constexpr char kOptions[] = "mode=755,size=4k,nr_inodes=2";
  if (mount_again(context.empty_fd, target)) return 0;
  int empty = make_mount("tmpfs", "tmpfs", kOptions, kAttributes);
  if (empty < 0) return mount_at(context, "tmpfs", "tmpfs", kOptions, kAttributes, path);
  close_all(&context.empty_fd, 1);
  context.empty_fd = empty;
  return attach(empty, target) == 0 ? 0 : failed_at(context, path);
}

int mask_file(Context& context, int target, const char* path) {
  // Not MOUNT_ATTR_NODEV: the cover is a device.
  constexpr uint64_t kAttributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
  if (mount_again(context.null_fd, target)) return 0;
  Fd null(open("/dev/null", O_PATH | O_CLOEXEC));
  if (null.value < 0) return failed_at(context, "/dev/null");
  int cover = sys::open_tree(null.value, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
  if (cover < 0) return bind_fd(context, null.value, path, false, kAttributes);
  close_all(&context.null_fd, 1);
  context.null_fd = cover;
  return set_attributes(cover, kAttributes, false) == 0 && attach(cover, target) == 0 ? 0 : failed_at(context, path);
}

}  // namespace

int step_propagation(Context& context, const Step& step) {
  const char* target = text(context, step, 0);
  return mount(nullptr, target, nullptr, number(step, 1), nullptr) == 0 ? 0 : failed_at(context, target);
}

int step_resolveIn(Context& context, const Step& step) {
  const char* root = text(context, step, 0);
  int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failed_at(context, root);
  context.root_fd = fd;
  context.root_prefix = root;
  context.root_prefix_length = length(step, 0);
  return 0;
}

int step_mount(Context& context, const Step& step) {
  return mount_at(context, text(context, step, 0), text(context, step, 1), text(context, step, 4), number(step, 3),
                  text(context, step, 2));
}

int step_overlay(Context& context, const Step& step) {
  int lower = context.sources[context.next_source++];
  for (int layer = 1; layer <= 2; layer++) {
    const char* path = text(context, step, layer);
    if (mkdir(path, 0755) < 0 && errno != EEXIST) return failed_at(context, path);
  }
  if (length(step, 5) && context.next_id_mapped < kMaxIdMapped) {
    int view = context.id_mapped[context.next_id_mapped++];
    // A layer must lie in our own mount namespace, so the view is attached before it is used.
    Fd place(open_path(context, text(context, step, 5)));
    if (view >= 0 && place.value >= 0 && attach(view, place.value) == 0) lower = view;
  }
  char options[1024];
  int size = snprintf(options, sizeof options, "lowerdir=/proc/self/fd/%d,upperdir=%s,workdir=%s", lower,
                      text(context, step, 1), text(context, step, 2));
  if (size < 0 || static_cast<size_t>(size) >= sizeof options) {
    errno = ENAMETOOLONG;
    return failed_at(context, text(context, step, 3));
  }
  return mount_at(context, "overlay", "overlay", options, number(step, 4), text(context, step, 3));
}

int step_bind(Context& context, const Step& step) {
  const char* target = text(context, step, 1);
  bool inside = number(step, 5) != 0, optional = number(step, 4) != 0;
  if (!inside) {
    int source = context.sources[context.next_source++];
    if (source < 0) return 0;  // optional, or open_sources would have failed
    return bind_fd(context, source, target, number(step, 2) != 0, number(step, 3));
  }
  Fd source(open_path(context, text(context, step, 0)));
  if (source.value < 0) return optional && source.value == -ENOENT ? 0 : source.value;
  return bind_fd(context, source.value, target, number(step, 2) != 0, number(step, 3));
}

// On a path that is no mount point of its own, it becomes one first: attributes belong to mounts.
int step_attributes(Context& context, const Step& step) {
  const char* path = text(context, step, 0);
  bool recursive = number(step, 2) != 0, optional = number(step, 3) != 0;
  Fd target(open_path(context, path));
  if (target.value < 0) return optional && target.value == -ENOENT ? 0 : target.value;
  if (set_attributes(target.value, number(step, 1), recursive) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return failed_at(context, path);
  return bind_fd(context, target.value, path, true, number(step, 1));
}

int step_unmount(Context& context, const Step& step) {
  const char* path = text(context, step, 0);
  Fd target(open_path(context, path, O_NOFOLLOW));
  if (target.value < 0) return target.value;
  // umount2 on /proc/self/fd/N would be busy with our own descriptor, unless it is lazy.
  int done = number(step, 1) ? umount2(FdPath(target.value).text, MNT_DETACH) : umount2(path, UMOUNT_NOFOLLOW);
  return done == 0 ? 0 : failed_at(context, path);
}

int step_mask(Context& context, const Step& step) {
  const char* path = text(context, step, 0);
  Fd target(open_path(context, path));
  if (target.value < 0) return target.value == -ENOENT ? 0 : target.value;
  struct stat status;
  if (fstat(target.value, &status) < 0) return failed_at(context, path);
  if (S_ISDIR(status.st_mode)) return mask_folder(context, target.value, path);
  return mask_file(context, target.value, path);
}

// pivot_root(".", ".") stacks the old root on the new one, and the unmount takes it away: no folder for it is needed,
// and no moment exists in which the new root shows the old one (pivot_root(2), notes).
int step_pivotRoot(Context& context, const Step& step) {
  const char* root = text(context, step, 0);
  if (chdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
    return failed_at(context, root);
  // What is open from here on may be of the new root only.
  close_all(&context.root_fd, 1);
  close_all(&context.empty_fd, 1);
  close_all(&context.null_fd, 1);
  close_all(context.sources, kMaxSources);
  close_all(context.id_mapped, kMaxIdMapped);
  return 0;
}

}  // namespace ring3
