#include "paths.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "sys.h"

namespace ring3 {

FdPath::FdPath(int fd) { snprintf(text, sizeof text, "/proc/self/fd/%d", fd); }
Fd::~Fd() {
  if (value >= 0) close(value);
}

namespace {

// Below the root of `resolveIn`, *relative is the rest of the path; elsewhere null.
const char* below_root(const Context& context, const char* path) {
  if (context.root_fd < 0 || strncmp(path, context.root_prefix, context.root_prefix_length) != 0) return nullptr;
  const char* rest = path + context.root_prefix_length;
  if (*rest == '\0') return ".";
  return *rest == '/' ? rest + 1 : nullptr;
}

int open_in_root(int root, const char* relative, int flags) {
  sys::OpenHow how = {static_cast<uint64_t>(flags), 0, sys::kResolveInRoot | sys::kResolveNoMagiclinks};
  // Of the root itself there is a descriptor already.
  bool is_root = *relative == '\0' || strcmp(relative, ".") == 0;
  int fd = is_root ? fcntl(root, F_DUPFD_CLOEXEC, 3) : sys::openat2(root, relative, &how);
  return fd < 0 ? -errno : fd;
}

int open_any(Context& context, const char* path, int flags) {
  if (const char* relative = below_root(context, path)) return open_in_root(context.root_fd, relative, flags);
  int fd = open(path, flags);
  return fd < 0 ? -errno : fd;
}

}  // namespace

int open_path(Context& context, const char* path, int flags) {
  int fd = open_any(context, path, O_PATH | O_CLOEXEC | flags);
  if (fd < 0) {
    errno = -fd;
    return failed_at(context, path);
  }
  return fd;
}

namespace {

// Makes what is missing from the left; each prefix is resolved anew, so that a link in it stays inside the root.
int make_parent(Context& context, const char* path, const char* last) {
  char prefix[4096];
  int parent = open_any(context, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  for (const char* end = path + 1; end <= last; end++) {
    if (*end != '/') continue;
    memcpy(prefix, path, static_cast<size_t>(end - path));
    prefix[end - path] = '\0';
    int next = open_any(context, prefix, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (next == -ENOENT && parent >= 0) {
      const char* component = strrchr(prefix, '/') + 1;
      if (mkdirat(parent, component, 0755) < 0 && errno != EEXIST) {
        failed_at(context, prefix);
        close(parent);
        return -errno;
      }
      next = open_any(context, prefix, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    if (parent >= 0) close(parent);
    parent = next;
    if (next < 0) {
      errno = -next;
      return failed_at(context, prefix);
    }
  }
  return parent;
}

}  // namespace

int open_parent(Context& context, const char* path, const char** name) {
  char folder[4096];
  const char* last = strrchr(path, '/');
  if (!last || strlen(path) >= sizeof folder || last[1] == '\0') {
    errno = EINVAL;
    return failed_at(context, path);
  }
  *name = last + 1;
  // Nearly always it is there.
  size_t length = last == path ? 1 : static_cast<size_t>(last - path);
  memcpy(folder, path, length);
  folder[length] = '\0';
  int parent = open_any(context, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (parent == -ENOENT) return make_parent(context, path, last);
  if (parent >= 0) return parent;
  errno = -parent;
  return failed_at(context, folder);
}

}  // namespace ring3
