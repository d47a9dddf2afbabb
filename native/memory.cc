// The sandbox's memory file as ArrayBuffers of Node, and what only the host can say of its pages.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cerrno>

#include "facilities.h"

namespace ring3 {
namespace {

// sandboxMemory(name): an empty memfd
Napi::Value SandboxMemory(const Napi::CallbackInfo& info) {
  int fd = memfd_create("ring3-memory", MFD_CLOEXEC);
  if (fd < 0) throw SystemError(info.Env(), errno, "memfd_create");
  return Napi::Number::New(info.Env(), fd);
}

// mapWindow(fd, offset, length): an ArrayBuffer over these bytes of the file, which grows to hold them. Unmapped when
// the buffer is collected.
Napi::Value MapWindow(const Napi::CallbackInfo& info) {
  int fd = info[0].As<Napi::Number>();
  off_t offset = info[1].As<Napi::Number>().Int64Value();
  size_t length = static_cast<size_t>(info[2].As<Napi::Number>().Int64Value());
  if (ftruncate(fd, offset + static_cast<off_t>(length)) < 0) throw SystemError(info.Env(), errno, "ftruncate");
  void* address = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, offset);
  if (address == MAP_FAILED) throw SystemError(info.Env(), errno, "mmap");
  return Napi::ArrayBuffer::New(info.Env(), address, length, [length](Napi::Env, void* data) { munmap(data, length); });
}

// populated(fd, offset, length): [start, length, start, length …] of the pages that exist (lseek(2), SEEK_DATA)
Napi::Value Populated(const Napi::CallbackInfo& info) {
  int fd = info[0].As<Napi::Number>();
  off_t at = info[1].As<Napi::Number>().Int64Value();
  off_t end = at + info[2].As<Napi::Number>().Int64Value();
  Napi::Array ranges = Napi::Array::New(info.Env());
  uint32_t count = 0;
  while (at < end) {
    off_t data = lseek(fd, at, SEEK_DATA);
    if (data < 0 || data >= end) break;
    off_t hole = lseek(fd, data, SEEK_HOLE);
    if (hole < 0 || hole > end) hole = end;
    ranges.Set(count++, static_cast<double>(data));
    ranges.Set(count++, static_cast<double>(hole - data));
    at = hole;
  }
  return ranges;
}

// punch(fd, offset, length): the host gets the pages back, and they read as zeros (fallocate(2), FALLOC_FL_PUNCH_HOLE)
void Punch(const Napi::CallbackInfo& info) {
  int fd = info[0].As<Napi::Number>();
  off_t offset = info[1].As<Napi::Number>().Int64Value();
  off_t length = info[2].As<Napi::Number>().Int64Value();
  if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length) < 0)
    throw SystemError(info.Env(), errno, "fallocate");
}

// populate(window, start, length): faults pages in (madvise(2), MADV_POPULATE_WRITE); false when the host knows no such thing
Napi::Value Populate(const Napi::CallbackInfo& info) {
  auto window = info[0].As<Napi::Uint8Array>();
  size_t start = static_cast<size_t>(info[1].As<Napi::Number>().Int64Value());
  size_t length = static_cast<size_t>(info[2].As<Napi::Number>().Int64Value());
  if (start > window.ByteLength() || length > window.ByteLength() - start) throw Napi::RangeError::New(info.Env(), "There are no such pages.");
  // When there is no memory, or the range is not to be had: the access itself will tell.
  bool failed = madvise(window.Data() + start, length, 23 /* MADV_POPULATE_WRITE */) < 0;
  return Napi::Boolean::New(info.Env(), !(failed && errno == EINVAL));
}

// writeMemory(fd, offset, from, start, length): straight into pages of the file, which need not be cleared first
void WriteMemory(const Napi::CallbackInfo& info) {
  int fd = info[0].As<Napi::Number>();
  off_t offset = info[1].As<Napi::Number>().Int64Value();
  auto from = info[2].As<Napi::Uint8Array>();
  size_t start = static_cast<size_t>(info[3].As<Napi::Number>().Int64Value());
  size_t length = static_cast<size_t>(info[4].As<Napi::Number>().Int64Value());
  if (start > from.ByteLength() || length > from.ByteLength() - start) throw Napi::RangeError::New(info.Env(), "There are no such bytes.");
  for (size_t done = 0; done < length;) {
    ssize_t count = pwrite(fd, from.Data() + start + done, length - done, offset + static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw SystemError(info.Env(), errno, "pwrite");
    done += static_cast<size_t>(count);
  }
}

// position(fd): its file offset (lseek(2), SEEK_CUR)
Napi::Value Position(const Napi::CallbackInfo& info) {
  off_t position = lseek(info[0].As<Napi::Number>(), 0, SEEK_CUR);
  if (position < 0) throw SystemError(info.Env(), errno, "lseek");
  return Napi::Number::New(info.Env(), static_cast<double>(position));
}

}  // namespace

void ExportMemory(Napi::Env env, Napi::Object exports) {
  exports.Set("sandboxMemory", Napi::Function::New(env, SandboxMemory, "sandboxMemory"));
  exports.Set("mapWindow", Napi::Function::New(env, MapWindow, "mapWindow"));
  exports.Set("populated", Napi::Function::New(env, Populated, "populated"));
  exports.Set("punch", Napi::Function::New(env, Punch, "punch"));
  exports.Set("populate", Napi::Function::New(env, Populate, "populate"));
  exports.Set("writeMemory", Napi::Function::New(env, WriteMemory, "writeMemory"));
  exports.Set("position", Napi::Function::New(env, Position, "position"));
}

}  // namespace ring3
