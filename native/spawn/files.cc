// Steps that make directories, files and links in the tree that becomes the child's root.
#include <fcntl.h>
#include <sys/stat.h>
#include <cerrno>
#include <cstring>

#include "context.h"
#include "paths.h"
#include "sys.h"

namespace ring3 {

// Directories on the way are made too. One that is there already is as good as made.
int step_directory(Context& context, const Step& step) {
  const char* path = text(context, step, 0);
  const char* name;
  Fd parent(open_parent(context, path, &name));
  if (parent.value < 0) return parent.value;
  mode_t mode = static_cast<mode_t>(number(step, 1));
  if (mkdirat(parent.value, name, mode) == 0) {
    // mkdirat does not give set-id bits away.
    bool is_whole = (mode & (S_ISUID | S_ISGID)) == 0;
    return is_whole || fchmodat(parent.value, name, mode, 0) == 0 ? 0 : failed_at(context, path);
  }
  if (errno != EEXIST) return failed_at(context, path);
  Fd there(open_path(context, path, O_DIRECTORY));
  return there.value < 0 ? there.value : 0;
}

int step_file(Context& context, const Step& step) {
  const char* path = text(context, step, 0);
  const char* name;
  Fd parent(open_parent(context, path, &name));
  if (parent.value < 0) return parent.value;
  uint64_t size = length(step, 1);
  if (size == 0) {
    // Only a place to mount on: what is there already serves.
    Fd there(openat(parent.value, name, O_PATH | O_CLOEXEC | O_NOFOLLOW));
    struct stat status;
    if (there.value >= 0 && fstat(there.value, &status) == 0 && !S_ISLNK(status.st_mode)) return 0;
  }
  Fd file(openat(parent.value, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                 static_cast<mode_t>(number(step, 2))));
  if (file.value < 0) return failed_at(context, path);
  const char* content = text(context, step, 1);
  while (size > 0) {
    ssize_t written = write(file.value, content, size);
    if (written < 0) return failed_at(context, path);
    content += written;
    size -= static_cast<uint64_t>(written);
  }
  return fchmod(file.value, static_cast<mode_t>(number(step, 2))) == 0 ? 0 : failed_at(context, path);
}

// Opened through the tree's own root, like every path in it; `optional` for switches that older kernels lack or keep.
int step_sysctl(Context& context, const Step& step) {
  const char* path = text(context, step, 0);
  bool optional = number(step, 2) != 0;
  Fd place(open_path(context, path));
  Fd file(place.value < 0 ? -1 : open(FdPath(place.value).text, O_WRONLY | O_CLOEXEC));
  if (file.value >= 0 && write(file.value, text(context, step, 1), length(step, 1)) >= 0) return 0;
  return optional ? 0 : failed_at(context, path);
}

int step_symlink(Context& context, const Step& step) {
  const char* path = text(context, step, 1);
  const char* name;
  Fd parent(open_parent(context, path, &name));
  if (parent.value < 0) return parent.value;
  if (symlinkat(text(context, step, 0), parent.value, name) == 0 || errno == EEXIST) return 0;
  return failed_at(context, path);
}

int step_workdir(Context& context, const Step& step) {
  const char* path = text(context, step, 0);
  // Never by way of /proc/self/fd: a link there, in an image or typed by hand, leads to the folders outside that we
  // still hold open (CVE-2024-21626).
  sys::OpenHow how = {O_PATH | O_DIRECTORY | O_CLOEXEC, 0, sys::kResolveNoMagiclinks};
  Fd folder(sys::openat2(AT_FDCWD, path, &how));
  return folder.value >= 0 && fchdir(folder.value) == 0 ? 0 : failed_at(context, path);
}

int step_chroot(Context& context, const Step& step) {
  const char* path = text(context, step, 0);
  return chroot(path) == 0 ? 0 : failed_at(context, path);
}

}  // namespace ring3
