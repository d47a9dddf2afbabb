// Seccomp notifications (seccomp_unotify(2)): calls that wait in the host's kernel until we have answered them.
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <uv.h>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "facilities.h"

// Since Linux 6.6; younger than some headers.
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

namespace ring3 {
namespace {

// The words that a listener fills: struct seccomp_notif as it is.
static_assert(sizeof(seccomp_notif) == 80 && offsetof(seccomp_notif, pid) == 8 && offsetof(seccomp_notif, data) == 16);
static_assert(offsetof(seccomp_data, instruction_pointer) == 8 && offsetof(seccomp_data, args) == 16);

class Listener : public Napi::ObjectWrap<Listener> {
 public:
  static void Export(Napi::Env env, Napi::Object exports) {
    exports.Set("Listener", DefineClass(env, "Listener",
                                        {InstanceMethod<&Listener::Receive>("receive"), InstanceMethod<&Listener::Answer>("answer"),
                                         InstanceMethod<&Listener::Watch>("watch"), InstanceMethod<&Listener::Close>("close")}));
  }

  // new Listener(fd, words, ready): takes the descriptor over
  explicit Listener(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<Listener>(info), fd_(info[0].As<Napi::Number>()), context_(info.Env(), "ring3.Listener") {
    auto words = info[1].As<Napi::Int32Array>();
    if (words.ByteLength() < sizeof(seccomp_notif)) throw Napi::RangeError::New(info.Env(), "A notification has 20 words.");
    call_ = reinterpret_cast<seccomp_notif*>(words.Data());
    words_ = Napi::Persistent(words.As<Napi::Object>());
    ready_ = Napi::Persistent(info[2].As<Napi::Function>());
    // Whoever is woken runs at once on our core, and we after it. Refused before Linux 6.6: slower there, and no error.
    ioctl(fd_, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
    uv_loop_t* loop;
    napi_get_uv_event_loop(info.Env(), &loop);
    poll_ = new uv_poll_t;
    poll_->data = this;
    uv_poll_init(loop, poll_, fd_);
  }

  // receive(milliseconds): waits so long for a call that waits for us; true when there is one, and the words tell of it
  Napi::Value Receive(const Napi::CallbackInfo& info) {
    struct pollfd descriptor = {fd_, POLLIN, 0};
    bool waiting = poll(&descriptor, 1, info[0].As<Napi::Number>()) > 0 && (descriptor.revents & POLLIN);
    // A call may be interrupted before it has been received: ENOENT.
    memset(call_, 0, sizeof *call_);
    return Napi::Boolean::New(info.Env(), waiting && ioctl(fd_, SECCOMP_IOCTL_NOTIF_RECV, call_) == 0);
  }

  // answer(idLow, idHigh, resultLow, resultHigh): false when nobody waits for it any more
  Napi::Value Answer(const Napi::CallbackInfo& info) {
    struct seccomp_notif_resp response = {};
    response.id = Halves(info, 0);
    response.val = static_cast<int64_t>(Halves(info, 2));
    return Napi::Boolean::New(info.Env(), ioctl(fd_, SECCOMP_IOCTL_NOTIF_SEND, &response) == 0);
  }

  // watch(on): whether `ready` is to be called, from Node's event loop, once there is a call
  void Watch(const Napi::CallbackInfo& info) {
    if (!poll_) return;
    if (!info[0].As<Napi::Boolean>()) uv_poll_stop(poll_);
    else uv_poll_start(poll_, UV_READABLE, [](uv_poll_t* poll, int, int) { static_cast<Listener*>(poll->data)->Ready(); });
  }

  void Close(const Napi::CallbackInfo&) {
    if (!poll_) return;
    uv_poll_stop(poll_);
    uv_close(reinterpret_cast<uv_handle_t*>(poll_), [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
    poll_ = nullptr;
    close(fd_);
  }

 private:
  static uint64_t Halves(const Napi::CallbackInfo& info, size_t at) {
    uint64_t low = static_cast<uint32_t>(info[at].As<Napi::Number>().Int64Value());
    return low | static_cast<uint64_t>(info[at + 1].As<Napi::Number>().Int64Value()) << 32;
  }

  void Ready() {
    uv_poll_stop(poll_);
    Napi::HandleScope scope(Env());
    ready_.MakeCallback(Env().Global(), {}, context_);
  }

  int fd_;
  seccomp_notif* call_;
  uv_poll_t* poll_;
  Napi::ObjectReference words_;  // keeps `call_` alive
  Napi::FunctionReference ready_;
  Napi::AsyncContext context_;
};

}  // namespace

void ExportNotify(Napi::Env env, Napi::Object exports) { Listener::Export(env, exports); }

}  // namespace ring3
