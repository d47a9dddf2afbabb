// Descriptors that Node cannot make itself. All are close-on-exec.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <string>

#include "facilities.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace ring3 {

Napi::Error SystemError(Napi::Env env, int error, const char* syscall) {
  const char* code = strerrorname_np(error);
  Napi::Error result = Napi::Error::New(env, std::string(syscall) + ": " + strerror(error));
  result.Set("code", Napi::String::New(env, code ? code : "UNKNOWN"));
  result.Set("errno", Napi::Number::New(env, -error));
  result.Set("syscall", Napi::String::New(env, syscall));
  return result;
}

namespace {

Napi::Value Pair(Napi::Env env, const int fds[2]) {
  Napi::Array pair = Napi::Array::New(env, 2);
  pair.Set(0u, fds[0]);
  pair.Set(1u, fds[1]);
  return pair;
}

// pipe(): [read end, write end]
Napi::Value Pipe(const Napi::CallbackInfo& info) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) < 0) throw SystemError(info.Env(), errno, "pipe2");
  return Pair(info.Env(), fds);
}

// socketPair(): two ends of one stream
Napi::Value SocketPair(const Napi::CallbackInfo& info) {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) throw SystemError(info.Env(), errno, "socketpair");
  return Pair(info.Env(), fds);
}

int WriteAll(int fd, const uint8_t* data, size_t size) {
  while (size > 0) {
    ssize_t written = write(fd, data, size);
    if (written < 0) return -1;
    data += written;
    size -= static_cast<size_t>(written);
  }
  return 0;
}

// memoryFile(bytes): a memfd with this content
Napi::Value MemoryFile(const Napi::CallbackInfo& info) {
  auto bytes = info[0].As<Napi::Uint8Array>();
  int fd = memfd_create("ring3-plan", MFD_CLOEXEC);
  if (fd < 0) throw SystemError(info.Env(), errno, "memfd_create");
  if (WriteAll(fd, bytes.Data(), bytes.ByteLength()) < 0) {
    int error = errno;
    close(fd);
    throw SystemError(info.Env(), error, "write");
  }
  return Napi::Number::New(info.Env(), fd);
}

// sealedCopy(path): an executable memfd that no one, root in a container included, can ever write to. A guest that
// opens /proc/PID/exe of our helper finds this, and not the file on the host (CVE-2019-5736).
Napi::Value SealedCopy(const Napi::CallbackInfo& info) {
  std::string path = info[0].As<Napi::String>();
  int from = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (from < 0) throw SystemError(info.Env(), errno, "open");
  int fd = memfd_create("ring3-shim", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  if (fd < 0 && errno == EINVAL) fd = memfd_create("ring3-shim", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  struct stat status;
  bool copied = fd >= 0 && fstat(from, &status) == 0;
  for (off_t at = 0; copied && at < status.st_size;) copied = sendfile(fd, from, &at, static_cast<size_t>(status.st_size - at)) > 0;
  copied = copied && fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0;
  int error = errno;
  close(from);
  if (!copied) {
    if (fd >= 0) close(fd);
    throw SystemError(info.Env(), error, "memfd_create");
  }
  return Napi::Number::New(info.Env(), fd);
}

// receiveDescriptor(socket): the descriptor that waits there (SCM_RIGHTS), or -1
Napi::Value ReceiveDescriptor(const Napi::CallbackInfo& info) {
  char byte, control[CMSG_SPACE(sizeof(int))];
  struct iovec data = {&byte, 1};
  struct msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t size = recvmsg(info[0].As<Napi::Number>(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  struct cmsghdr* header = size > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  int fd = -1;
  if (header && header->cmsg_type == SCM_RIGHTS) memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return Napi::Number::New(info.Env(), fd);
}

// setWindowSize(terminal, rows, columns)
void SetWindowSize(const Napi::CallbackInfo& info) {
  struct winsize size = {};
  size.ws_row = static_cast<unsigned short>(info[1].As<Napi::Number>().Uint32Value());
  size.ws_col = static_cast<unsigned short>(info[2].As<Napi::Number>().Uint32Value());
  if (ioctl(info[0].As<Napi::Number>(), TIOCSWINSZ, &size) < 0) throw SystemError(info.Env(), errno, "ioctl");
}

// plainOutput(terminal): what is written to it is shown as it is, without a carriage return before each newline (termios(3),
// OPOST). Node's raw mode leaves that on, and takes it back with all the rest.
void PlainOutput(const Napi::CallbackInfo& info) {
  int terminal = info[0].As<Napi::Number>();
  struct termios modes;
  if (tcgetattr(terminal, &modes) < 0) throw SystemError(info.Env(), errno, "tcgetattr");
  modes.c_oflag &= ~static_cast<tcflag_t>(OPOST);
  if (tcsetattr(terminal, TCSADRAIN, &modes) < 0) throw SystemError(info.Env(), errno, "tcsetattr");
}

// foregroundGroup(terminal): the process group that its keyboard's signals go to, in our pid namespace; 0: they go
// nowhere, because a program reads the keys itself (termios(3), ISIG)
Napi::Value ForegroundGroup(const Napi::CallbackInfo& info) {
  int terminal = info[0].As<Napi::Number>();
  struct termios modes;
  pid_t group = 0;
  bool makes_signals = tcgetattr(terminal, &modes) == 0 && (modes.c_lflag & ISIG);
  if (!makes_signals || ioctl(terminal, TIOCGPGRP, &group) < 0) group = 0;
  return Napi::Number::New(info.Env(), group);
}

}  // namespace

void ExportDescriptors(Napi::Env env, Napi::Object exports) {
  exports.Set("pipe", Napi::Function::New(env, Pipe, "pipe"));
  exports.Set("socketPair", Napi::Function::New(env, SocketPair, "socketPair"));
  exports.Set("memoryFile", Napi::Function::New(env, MemoryFile, "memoryFile"));
  exports.Set("sealedCopy", Napi::Function::New(env, SealedCopy, "sealedCopy"));
  exports.Set("receiveDescriptor", Napi::Function::New(env, ReceiveDescriptor, "receiveDescriptor"));
  exports.Set("setWindowSize", Napi::Function::New(env, SetWindowSize, "setWindowSize"));
  exports.Set("plainOutput", Napi::Function::New(env, PlainOutput, "plainOutput"));
  exports.Set("foregroundGroup", Napi::Function::New(env, ForegroundGroup, "foregroundGroup"));
}

}  // namespace ring3
