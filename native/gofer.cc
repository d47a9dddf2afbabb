// The calls to the host that the kernel makes most often for files. Node has them all, but takes ten times as long for what it
// makes of the answers (dates, big integers, sorted lists, exceptions); here an answer is numbers in memory of the caller's.
//
// Paths are latin1 strings, one character a byte. Everything returns a number, -errno when the host refuses.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <cerrno>
#include <climits>

#include "facilities.h"

namespace ring3 {
namespace {

constexpr size_t kMostArguments = 5;
/** dev, ino, mode, nlink, uid, gid, rdev, size, blksize, blocks, and seconds and nanoseconds of atime, mtime, ctime, btime. */
constexpr size_t kStatusNumbers = 18;

// What a call was given: a path first, or a descriptor.
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = kMostArguments;
    napi_get_cb_info(env, info, &count, values_, nullptr, nullptr);
  }

  // Null where it is too long, or no string.
  const char* Path() {
    size_t length = 0;
    if (napi_get_value_string_latin1(env_, values_[0], path_, sizeof path_, &length) != napi_ok) return nullptr;
    return length < PATH_MAX ? path_ : nullptr;
  }

  int64_t Number(size_t at) const {
    int64_t number = -1;
    napi_get_value_int64(env_, values_[at], &number);
    return number;
  }

  // The memory of a typed array, and its length in bytes; null when it is none.
  char* Memory(size_t at, size_t* length) const {
    void* data = nullptr;
    napi_typedarray_type type;
    size_t elements = 0;
    if (napi_get_typedarray_info(env_, values_[at], &type, &elements, &data, nullptr, nullptr) != napi_ok) return nullptr;
    *length = elements * (type == napi_float64_array ? sizeof(double) : 1);
    return static_cast<char*>(data);
  }

  napi_value Answer(int64_t number) const {
    napi_value value;
    napi_create_int64(env_, number, &value);
    return value;
  }

  napi_value Result(long result) const { return Answer(result < 0 ? -errno : result); }

 private:
  napi_env env_;
  napi_value values_[kMostArguments];
  char path_[PATH_MAX + 1];
};

void LayOut(const struct statx& status, double* out) {
  const double numbers[] = {
      static_cast<double>(makedev(status.stx_dev_major, status.stx_dev_minor)),
      static_cast<double>(status.stx_ino),
      static_cast<double>(status.stx_mode),
      static_cast<double>(status.stx_nlink),
      static_cast<double>(status.stx_uid),
      static_cast<double>(status.stx_gid),
      static_cast<double>(makedev(status.stx_rdev_major, status.stx_rdev_minor)),
      static_cast<double>(status.stx_size),
      static_cast<double>(status.stx_blksize),
      static_cast<double>(status.stx_blocks),
  };
  for (double number : numbers) *out++ = number;
  for (const statx_timestamp& time : {status.stx_atime, status.stx_mtime, status.stx_ctime, status.stx_btime}) {
    *out++ = static_cast<double>(time.tv_sec);
    *out++ = static_cast<double>(time.tv_nsec);
  }
}

napi_value Status(Arguments& arguments, int fd, const char* path, int flags) {
  size_t length = 0;
  char* out = arguments.Memory(1, &length);
  if (!out || length < kStatusNumbers * sizeof(double)) return arguments.Answer(-EFAULT);
  struct statx status;
  if (statx(fd, path, flags, STATX_BASIC_STATS | STATX_BTIME, &status) < 0) return arguments.Result(-1);
  LayOut(status, reinterpret_cast<double*>(out));
  return arguments.Answer(0);
}

// hostStat(path, out: Float64Array): of the path's last name itself (statx(2), AT_SYMLINK_NOFOLLOW)
napi_value Stat(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const char* path = arguments.Path();
  if (!path) return arguments.Answer(-ENAMETOOLONG);
  return Status(arguments, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
}

// hostStatDescriptor(fd, out: Float64Array): of an open file
napi_value StatDescriptor(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  return Status(arguments, static_cast<int>(arguments.Number(0)), "", AT_EMPTY_PATH);
}

// hostList(path, out: Uint8Array): struct linux_dirent64 of all names (getdents64(2)). @returns their bytes; -ERANGE: too many
napi_value List(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const char* path = arguments.Path();
  size_t room = 0, filled = 0;
  char* out = arguments.Memory(1, &room);
  if (!path || !out) return arguments.Answer(-ENAMETOOLONG);
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return arguments.Result(-1);
  long count;
  while ((count = syscall(SYS_getdents64, fd, out + filled, room - filled)) > 0) filled += static_cast<size_t>(count);
  // A buffer that has no room for the next name is refused with EINVAL.
  int error = count < 0 ? (errno == EINVAL ? ERANGE : errno) : 0;
  close(fd);
  return arguments.Answer(error ? -error : static_cast<int64_t>(filled));
}

// hostOpen(path, flags, mode): a descriptor
napi_value Open(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const char* path = arguments.Path();
  if (!path) return arguments.Answer(-ENAMETOOLONG);
  int flags = static_cast<int>(arguments.Number(1)) | O_CLOEXEC;
  mode_t mode = static_cast<mode_t>(arguments.Number(2));
  int fd;
  do fd = open(path, flags, mode);
  while (fd < 0 && errno == EINTR);
  return arguments.Result(fd);
}

// hostRead(fd, out: Uint8Array, start, length, position): as many bytes as there are until the end of the file
napi_value Read(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  size_t room = 0;
  char* out = arguments.Memory(1, &room);
  int64_t start = arguments.Number(2), length = arguments.Number(3), position = arguments.Number(4);
  if (!out || start < 0 || length < 0 || static_cast<uint64_t>(start) + static_cast<uint64_t>(length) > room) return arguments.Answer(-EFAULT);
  int fd = static_cast<int>(arguments.Number(0));
  int64_t done = 0;
  while (done < length) {
    ssize_t count = pread(fd, out + start + done, static_cast<size_t>(length - done), position + done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return arguments.Result(-1);
    if (count == 0) break;
    done += count;
  }
  return arguments.Answer(done);
}

// hostClose(fd)
napi_value Close(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  return arguments.Result(close(static_cast<int>(arguments.Number(0))));
}

}  // namespace

void ExportGofer(Napi::Env env, Napi::Object exports) {
  auto add = [&](const char* name, napi_callback call) {
    napi_value function;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, call, nullptr, &function);
    exports.Set(name, function);
  };
  add("hostStat", Stat);
  add("hostStatDescriptor", StatDescriptor);
  add("hostList", List);
  add("hostOpen", Open);
  add("hostRead", Read);
  add("hostClose", Close);
}

}  // namespace ring3
