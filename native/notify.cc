// Seccomp notifications (seccomp_unotify(2)): calls that wait in the host's kernel until we have answered them.
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <uv.h>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "alarm.h"
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

class Listener {
 public:
  // listen(fd, words, ready): takes the descriptor over. Its functions know their listener by themselves: to look it up in
  // an object would cost as much as the rest of a call.
  static Napi::Value Listen(const Napi::CallbackInfo& info) {
    auto* listener = new Listener(info);
    Napi::Object functions = Napi::Object::New(info.Env());
    functions.AddFinalizer([](Napi::Env, Listener* gone) { delete gone; }, listener);
    functions.Set("receive", Napi::Function::New<Receive>(info.Env(), "receive", listener));
    functions.Set("answer", Napi::Function::New<Answer>(info.Env(), "answer", listener));
    functions.Set("watch", Napi::Function::New<Watch>(info.Env(), "watch", listener));
    functions.Set("close", Napi::Function::New<Close>(info.Env(), "close", listener));
    return functions;
  }

 private:
  explicit Listener(const Napi::CallbackInfo& info) : fd_(info[0].As<Napi::Number>()), context_(info.Env(), "ring3.listen") {
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

  static Listener& Self(const Napi::CallbackInfo& info) { return *static_cast<Listener*>(info.Data()); }

  // receive(milliseconds): waits about so long for a call that waits for us; true when there is one, and the words tell of it
  static Napi::Value Receive(const Napi::CallbackInfo& info) {
    Listener& self = Self(info);
    int patience = info[0].As<Napi::Number>();
    if (patience > 0) self.alarm_.Start(patience);
    else if (!self.IsReady()) return Napi::Boolean::New(info.Env(), false);
    // EINTR: the alarm. ENOENT: the call was interrupted before we have received it.
    memset(self.call_, 0, sizeof *self.call_);
    return Napi::Boolean::New(info.Env(), ioctl(self.fd_, SECCOMP_IOCTL_NOTIF_RECV, self.call_) == 0);
  }

  // answer(idLow, idHigh, resultLow, resultHigh): false when nobody waits for it any more
  static Napi::Value Answer(const Napi::CallbackInfo& info) {
    struct seccomp_notif_resp response = {};
    response.id = Halves(info, 0);
    response.val = static_cast<int64_t>(Halves(info, 2));
    return Napi::Boolean::New(info.Env(), ioctl(Self(info).fd_, SECCOMP_IOCTL_NOTIF_SEND, &response) == 0);
  }

  // watch(on): whether `ready` is to be called, from Node's event loop, once there is a call
  static void Watch(const Napi::CallbackInfo& info) {
    Listener& self = Self(info);
    if (!self.poll_) return;
    self.alarm_.Stop();
    if (!info[0].As<Napi::Boolean>()) uv_poll_stop(self.poll_);
    else uv_poll_start(self.poll_, UV_READABLE, [](uv_poll_t* poll, int, int) { static_cast<Listener*>(poll->data)->Ready(); });
  }

  static void Close(const Napi::CallbackInfo& info) {
    Listener& self = Self(info);
    if (!self.poll_) return;
    self.alarm_.Stop();
    uv_poll_stop(self.poll_);
    uv_close(reinterpret_cast<uv_handle_t*>(self.poll_), [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
    self.poll_ = nullptr;
    close(self.fd_);
  }

  static uint64_t Halves(const Napi::CallbackInfo& info, size_t at) {
    uint64_t low = static_cast<uint32_t>(info[at].As<Napi::Number>().Int64Value());
    return low | static_cast<uint64_t>(info[at + 1].As<Napi::Number>().Int64Value()) << 32;
  }

  bool IsReady() const {
    struct pollfd descriptor = {fd_, POLLIN, 0};
    return poll(&descriptor, 1, 0) > 0 && (descriptor.revents & POLLIN);
  }

  void Ready() {
    uv_poll_stop(poll_);
    Napi::Env env = ready_.Env();
    Napi::HandleScope scope(env);
    ready_.MakeCallback(env.Global(), {}, context_);
  }

  int fd_;
  Alarm alarm_;
  seccomp_notif* call_;
  uv_poll_t* poll_;
  Napi::ObjectReference words_;  // keeps `call_` alive
  Napi::FunctionReference ready_;
  Napi::AsyncContext context_;
};

}  // namespace

void ExportNotify(Napi::Env env, Napi::Object exports) {
  exports.Set("listen", Napi::Function::New(env, Listener::Listen, "listen"));
}

}  // namespace ring3
