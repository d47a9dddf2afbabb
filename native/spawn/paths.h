// Opening paths so that a hostile tree cannot lead us out of it.
#pragma once
#include "context.h"

namespace ring3 {

// An O_PATH descriptor of what `path` names. With `create_parents`, missing directories on the way are made, and the
// descriptor is of the parent directory; *name is then the last component. Returns a descriptor or -errno.
int open_path(Context& context, const char* path, int flags = 0);
int open_parent(Context& context, const char* path, const char** name);

// "/proc/self/fd/N": a descriptor as a path, for system calls that take only paths.
struct FdPath {
  char text[32];
  explicit FdPath(int fd);
};

// Closes on leaving the scope.
struct Fd {
  int value;
  explicit Fd(int fd) : value(fd) {}
  Fd(const Fd&) = delete;
  ~Fd();
};

}  // namespace ring3
