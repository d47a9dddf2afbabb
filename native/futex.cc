// Waiting for guests, and waking them: futexes on words of the sandbox's memory (futex(2)).
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>
#include <atomic>
#include <cerrno>
#include <climits>
#include <thread>

#include "facilities.h"

namespace ring3 {
namespace {

// Shared futexes: the word is known by its page in the memory file, and not by its address.
long Futex(uint32_t* word, int op, uint32_t value, const struct timespec* timeout) {
  return syscall(SYS_futex, word, op, value, timeout, nullptr, 0);
}

uint32_t* Word(const Napi::CallbackInfo& info) {
  auto words = info[0].As<Napi::Int32Array>();
  size_t index = static_cast<size_t>(info[1].As<Napi::Number>().Int64Value());
  if (index >= words.ElementLength()) throw Napi::RangeError::New(info.Env(), "There is no such word.");
  return reinterpret_cast<uint32_t*>(words.Data() + index);
}

// futexWake(words, index)
void FutexWake(const Napi::CallbackInfo& info) { Futex(Word(info), FUTEX_WAKE, INT_MAX, nullptr); }

// futexWait(words, index, seen, microseconds): blocks this thread until the word is woken or is not `seen` any more
void FutexWait(const Napi::CallbackInfo& info) {
  uint32_t seen = static_cast<uint32_t>(info[2].As<Napi::Number>().Int64Value());
  int64_t microseconds = info[3].As<Napi::Number>().Int64Value();
  struct timespec timeout = {static_cast<time_t>(microseconds / 1000000), static_cast<long>(microseconds % 1000000) * 1000};
  Futex(Word(info), FUTEX_WAIT, seen, &timeout);
}

// A thread that sleeps on a word while Node turns its event loop, and tells Node's thread when it is woken.
class Doorbell : public Napi::ObjectWrap<Doorbell> {
 public:
  static void Export(Napi::Env env, Napi::Object exports) {
    exports.Set("Doorbell", DefineClass(env, "Doorbell",
                                        {InstanceMethod<&Doorbell::Watch>("watch"), InstanceMethod<&Doorbell::Close>("close")}));
  }

  // new Doorbell(words, index, rung)
  explicit Doorbell(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Doorbell>(info), state_(new State), context_(info.Env(), "ring3.Doorbell") {
    state_->word = Word(info);
    words_ = Napi::Persistent(info[0].As<Napi::Object>());
    rung_ = Napi::Persistent(info[2].As<Napi::Function>());
    uv_loop_t* loop;
    napi_get_uv_event_loop(info.Env(), &loop);
    async_ = new uv_async_t;
    async_->data = this;
    uv_async_init(loop, async_, [](uv_async_t* async) { static_cast<Doorbell*>(async->data)->Ring(); });
    uv_unref(reinterpret_cast<uv_handle_t*>(async_));
    state_->async = async_;
    std::thread(&Doorbell::Run, state_).detach();
  }

  // watch(seen): calls `rung` once, when the word is not `seen` any more
  void Watch(const Napi::CallbackInfo& info) {
    if (!async_) return;
    state_->seen = static_cast<uint32_t>(info[0].As<Napi::Number>().Int64Value());
    state_->armed = 1;
    syscall(SYS_futex, &state_->armed, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }

  void Close(const Napi::CallbackInfo&) {
    if (!async_) return;
    state_->closed = true;
    state_->armed = 1;
    while (!state_->ended) {  // again and again: the thread may be just about to sleep
      syscall(SYS_futex, &state_->armed, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
      Futex(state_->word, FUTEX_WAKE, INT_MAX, nullptr);
      sched_yield();
    }
    uv_close(reinterpret_cast<uv_handle_t*>(async_), [](uv_handle_t* handle) { delete reinterpret_cast<uv_async_t*>(handle); });
    async_ = nullptr;
    delete state_;
  }

 private:
  struct State {
    uint32_t* word;
    uv_async_t* async;
    std::atomic<uint32_t> seen{0}, armed{0};
    std::atomic<bool> closed{false}, ended{false};
  };

  static void Run(State* state) {
    while (!state->closed) {
      if (!state->armed.exchange(0)) {
        syscall(SYS_futex, &state->armed, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
        continue;
      }
      uint32_t seen = state->seen;
      while (!state->closed && __atomic_load_n(state->word, __ATOMIC_SEQ_CST) == seen) Futex(state->word, FUTEX_WAIT, seen, nullptr);
      if (!state->closed) uv_async_send(state->async);
    }
    state->ended = true;
  }

  void Ring() {
    Napi::HandleScope scope(Env());
    rung_.MakeCallback(Env().Global(), {}, context_);
  }

  State* state_;
  uv_async_t* async_;
  Napi::ObjectReference words_;  // keeps the window mapped
  Napi::FunctionReference rung_;
  Napi::AsyncContext context_;
};

// pin(core, …): this thread, and those that it makes later, run on these cores
void Pin(const Napi::CallbackInfo& info) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (size_t i = 0; i < info.Length(); i++) CPU_SET(info[i].As<Napi::Number>().Uint32Value(), &set);
  if (sched_setaffinity(0, sizeof set, &set) < 0) throw SystemError(info.Env(), errno, "sched_setaffinity");
}

// cores(): those that this process may run on
Napi::Value Cores(const Napi::CallbackInfo& info) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) < 0) throw SystemError(info.Env(), errno, "sched_getaffinity");
  Napi::Array cores = Napi::Array::New(info.Env());
  uint32_t count = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (CPU_ISSET(cpu, &set)) cores.Set(count++, cpu);
  }
  return cores;
}

}  // namespace

void ExportFutex(Napi::Env env, Napi::Object exports) {
  exports.Set("futexWake", Napi::Function::New(env, FutexWake, "futexWake"));
  exports.Set("futexWait", Napi::Function::New(env, FutexWait, "futexWait"));
  exports.Set("pin", Napi::Function::New(env, Pin, "pin"));
  exports.Set("cores", Napi::Function::New(env, Cores, "cores"));
  Doorbell::Export(env, exports);
}

}  // namespace ring3
