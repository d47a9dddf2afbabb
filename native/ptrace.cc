// Tracing guest threads (ptrace(2)): every call of theirs stops them before the host looks at it (PTRACE_SYSEMU).
//
// What is known of a stopped thread stands in a record laid out as struct r3_context, so that a guest's registers are in the
// same places whichever way they came. These records are ours alone: no guest has them in its memory.
#include <elf.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "alarm.h"
#include "facilities.h"
#include "stub/abi.h"

#if defined(__x86_64__)

namespace ring3 {
namespace {

constexpr size_t kRecord = 256;
constexpr int kSyscallStop = SIGTRAP | 0x80;
// Carry, parity, adjust, zero, sign, trap, direction, overflow, alignment: what a program may set.
constexpr uint64_t kFlags = 0x40dd5;
constexpr size_t kMostExtended = 16384;
static_assert(sizeof(r3_context) <= kRecord);

// The notes that a signal frame keeps in the part of an XSAVE area that is left to software (asm/sigcontext.h).
constexpr size_t kSoftwareBytes = 464;
constexpr uint32_t kMagic1 = 0x46505853, kMagic2 = 0x46505845;

void Save(r3_context& to, const user_regs_struct& from) {
  to.rax = from.orig_rax == ~0ULL ? from.rax : from.orig_rax;
  to.rbx = from.rbx, to.rcx = from.rcx, to.rdx = from.rdx;
  to.rsi = from.rsi, to.rdi = from.rdi, to.rbp = from.rbp, to.rsp = from.rsp;
  to.r8 = from.r8, to.r9 = from.r9, to.r10 = from.r10, to.r11 = from.r11;
  to.r12 = from.r12, to.r13 = from.r13, to.r14 = from.r14, to.r15 = from.r15;
  to.rip = from.rip, to.flags = from.eflags;
}

// orig_rax: for the host no call is under way that it could restart.
void Load(user_regs_struct& to, const r3_context& from) {
  to.orig_rax = ~0ULL;
  to.rax = from.rax, to.rbx = from.rbx, to.rcx = from.rcx, to.rdx = from.rdx;
  to.rsi = from.rsi, to.rdi = from.rdi, to.rbp = from.rbp, to.rsp = from.rsp;
  to.r8 = from.r8, to.r9 = from.r9, to.r10 = from.r10, to.r11 = from.r11;
  to.r12 = from.r12, to.r13 = from.r13, to.r14 = from.r14, to.r15 = from.r15;
  to.rip = from.rip, to.eflags = (to.eflags & ~kFlags) | (from.flags & kFlags);
}

bool IsFault(const siginfo_t& info) {
  if (info.si_code <= 0) return false;
  int signal = info.si_signo;
  return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL || signal == SIGTRAP;
}

// Every stop would send us a SIGCHLD; when libuv handles those, each costs more than the stop itself.
void HearNothingOfStops() {
  struct sigaction action;
  sigaction(SIGCHLD, nullptr, &action);
  if (action.sa_flags & SA_NOCLDSTOP) return;
  action.sa_flags |= SA_NOCLDSTOP;
  sigaction(SIGCHLD, &action, nullptr);
}

// Waits for stops on a thread of its own while Node turns its event loop; takes none of them away.
class StopWatch {
 public:
  StopWatch(uv_loop_t* loop, pid_t group, void* owner, uv_async_cb stopped) : state_(std::make_shared<State>()) {
    state_->group = group;
    state_->async = new uv_async_t;
    state_->async->data = owner;
    uv_async_init(loop, state_->async, stopped);
    uv_unref(reinterpret_cast<uv_handle_t*>(state_->async));
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread(Run, state_).detach();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void Arm() { state_->Wake(kArmed); }

  void Close() {
    std::lock_guard<std::mutex> lock(state_->mutex);
    if (!state_->async) return;
    uv_close(reinterpret_cast<uv_handle_t*>(state_->async), [](uv_handle_t* handle) { delete reinterpret_cast<uv_async_t*>(handle); });
    state_->async = nullptr;
    state_->Wake(kClosed);
  }

 private:
  enum : uint32_t { kIdle, kArmed, kClosed };

  struct State {
    pid_t group;
    uv_async_t* async;  // null once closed; guarded by the mutex
    std::mutex mutex;
    std::atomic<uint32_t> order{kIdle};

    void Wake(uint32_t to) {
      order = to;
      syscall(SYS_futex, &order, 129 /* FUTEX_WAKE_PRIVATE */, 1, nullptr, nullptr, 0);
    }
  };

  static void Run(std::shared_ptr<State> state) {
    for (;;) {
      uint32_t order = state->order.load();
      if (order == kClosed) return;
      if (order == kIdle) {
        syscall(SYS_futex, &state->order, 128 /* FUTEX_WAIT_PRIVATE */, kIdle, nullptr, nullptr, 0);
        continue;
      }
      siginfo_t info;
      int result = waitid(P_PGID, static_cast<id_t>(state->group), &info, WEXITED | WSTOPPED | WNOWAIT | __WALL);
      if (result < 0 && errno == EINTR) continue;
      if (!state->order.compare_exchange_strong(order, kIdle)) continue;
      std::lock_guard<std::mutex> lock(state->mutex);
      if (result == 0 && state->async) uv_async_send(state->async);
    }
  }

  std::shared_ptr<State> state_;
};

class Tracer {
 public:
  // trace(group, words, stopped): of the threads of a process group, whose records are in the words
  static Napi::Value Trace(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    auto* tracer = new Tracer(info);
    Napi::Object functions = Napi::Object::New(env);
    functions.AddFinalizer([](Napi::Env, Tracer* gone) { delete gone; }, tracer);
    functions.Set("seize", Napi::Function::New<Call<&Tracer::Seize>>(env, "seize", tracer));
    functions.Set("next", Napi::Function::New<Next>(env, "next", tracer));
    functions.Set("resume", Napi::Function::New<Call<&Tracer::Resume>>(env, "resume", tracer));
    functions.Set("interrupt", Napi::Function::New<Call<&Tracer::Interrupt>>(env, "interrupt", tracer));
    functions.Set("unmask", Napi::Function::New<Call<&Tracer::Unmask>>(env, "unmask", tracer));
    functions.Set("extended", Napi::Function::New<Extended>(env, "extended", tracer));
    functions.Set("setExtended", Napi::Function::New<Call<&Tracer::SetExtended>>(env, "setExtended", tracer));
    functions.Set("forget", Napi::Function::New<Call<&Tracer::Forget>>(env, "forget", tracer));
    functions.Set("watch", Napi::Function::New<Call<&Tracer::Watch>>(env, "watch", tracer));
    functions.Set("close", Napi::Function::New<Call<&Tracer::Close>>(env, "close", tracer));
    return functions;
  }

 private:
  // The functions know their tracer by themselves: to look it up in an object would cost as much as the rest of a call.
  static Tracer& Self(const Napi::CallbackInfo& info) { return *static_cast<Tracer*>(info.Data()); }

  template <void (Tracer::*method)(const Napi::CallbackInfo&)>
  static void Call(const Napi::CallbackInfo& info) {
    (Self(info).*method)(info);
  }

  explicit Tracer(const Napi::CallbackInfo& info) : group_(info[0].As<Napi::Number>()), context_(info.Env(), "ring3.trace") {
    // In our own group are children that are not ours to wait for.
    if (getpgid(group_) != group_) throw SystemError(info.Env(), ESRCH, "getpgid");
    auto words = info[1].As<Napi::Int32Array>();
    records_ = reinterpret_cast<uint8_t*>(words.Data());
    count_ = words.ByteLength() / kRecord;
    words_ = Napi::Persistent(words.As<Napi::Object>());
    stopped_ = Napi::Persistent(info[2].As<Napi::Function>());
    uv_loop_t* loop;
    napi_get_uv_event_loop(info.Env(), &loop);
    watch_ = std::make_unique<StopWatch>(loop, group_, this, [](uv_async_t* async) { static_cast<Tracer*>(async->data)->Stopped(); });
    HearNothingOfStops();
  }

  struct Traced {
    pid_t tid = 0;
    user_regs_struct registers = {};
  };

  // Of a thread that has been seized.
  size_t Index(const Napi::CallbackInfo& info) {
    size_t index = info[0].As<Napi::Number>().Uint32Value();
    if (index >= threads_.size()) throw Napi::RangeError::New(info.Env(), "There is no such thread.");
    return index;
  }

  r3_context& Record(size_t index) { return *reinterpret_cast<r3_context*>(records_ + index * kRecord); }

  // seize(index, tid): from now on the thread is stopped, and its record is this one
  void Seize(const Napi::CallbackInfo& info) {
    size_t index = info[0].As<Napi::Number>().Uint32Value();
    if (index >= count_) throw Napi::RangeError::New(info.Env(), "There is no such record.");
    pid_t tid = info[1].As<Napi::Number>();
    if (ptrace(PTRACE_SEIZE, tid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) < 0) throw SystemError(info.Env(), errno, "ptrace");
    ptrace(PTRACE_INTERRUPT, tid, 0, 0);
    for (int status;;) {
      if (waitpid(tid, &status, __WALL) < 0) {
        if (errno == EINTR) continue;
        throw SystemError(info.Env(), errno, "waitpid");
      }
      if (!WIFSTOPPED(status)) throw SystemError(info.Env(), ESRCH, "ptrace");
      if (status >> 16 == PTRACE_EVENT_STOP) break;
      ptrace(PTRACE_CONT, tid, 0, WSTOPSIG(status));
    }
    if (index >= threads_.size()) threads_.resize(index + 1);
    Traced& thread = threads_[index];
    thread.tid = tid;
    ptrace(PTRACE_GETREGS, tid, 0, &thread.registers);
    by_tid_[tid] = index;
  }

  // next(milliseconds): the record of the next thread that has stopped, or -1 when none does for about so long
  static Napi::Value Next(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), Self(info).Wait(info[0].As<Napi::Number>()));
  }

  int Wait(int patience) {
    if (patience > 0) alarm_.Start(patience);
    int index = -1;
    for (int status; index < 0;) {
      pid_t tid = wait4(-group_, &status, __WALL | (patience > 0 ? 0 : WNOHANG), nullptr);
      if (tid <= 0) break;
      auto found = by_tid_.find(tid);
      if (found == by_tid_.end()) continue;
      if (Take(found->second, status)) index = static_cast<int>(found->second);
    }
    return index;
  }

  // Fills the record. False: nobody need know.
  bool Take(size_t index, int status) {
    r3_context& record = Record(index);
    pid_t tid = threads_[index].tid;
    record.event = 0;
    if (!WIFSTOPPED(status)) return Drop(index), true;
    int signal = WSTOPSIG(status);
    if (signal == kSyscallStop) record.event = R3_EVENT_TRAP;
    else if (status >> 16 == PTRACE_EVENT_STOP && signal == SIGTRAP) record.event = R3_EVENT_INTERRUPT;
    else if (status >> 16 == PTRACE_EVENT_STOP) return ptrace(PTRACE_SYSEMU, tid, 0, 0), false;
    else if (!TakeSignal(record, tid)) return ptrace(PTRACE_SYSEMU, tid, 0, signal), false;
    // Killed meanwhile: a wait will tell.
    if (ptrace(PTRACE_GETREGS, tid, 0, &threads_[index].registers) < 0) return false;
    Save(record, threads_[index].registers);
    return true;
  }

  bool TakeSignal(r3_context& record, pid_t tid) {
    siginfo_t signal = {};
    if (ptrace(PTRACE_GETSIGINFO, tid, 0, &signal) < 0 || !IsFault(signal)) return false;
    record.event = R3_EVENT_FAULT;
    record.signal = static_cast<uint32_t>(signal.si_signo);
    record.code = static_cast<uint32_t>(signal.si_code);
    record.address = reinterpret_cast<uint64_t>(signal.si_addr);
    record.error = 0;
    return true;
  }

  // resume(index, signal, setsThreadPointer): with the registers of its record; with a signal, into the stub's handler
  void Resume(const Napi::CallbackInfo& info) {
    size_t index = Index(info);
    Traced& thread = threads_[index];
    if (thread.tid == 0) return;
    const r3_context& record = Record(index);
    int signal = info[1].As<Napi::Number>();
    Load(thread.registers, record);
    if (info[2].As<Napi::Boolean>()) thread.registers.fs_base = record.fs_base;
    // A base beyond the guest's half is refused, with all registers: the thread gets none, and faults at its next use.
    if (ptrace(PTRACE_SETREGS, thread.tid, 0, &thread.registers) < 0 && errno == EIO) {
      thread.registers.fs_base = 0;
      ptrace(PTRACE_SETREGS, thread.tid, 0, &thread.registers);
    }
    if (ptrace(PTRACE_SYSEMU, thread.tid, 0, signal) == 0 || errno == ESRCH) return;
    throw Napi::Error::New(info.Env(), std::string("The host does not let PTRACE_SYSEMU be used: ") + strerror(errno) + ".");
  }

  // interrupt(index): it stops soon
  void Interrupt(const Napi::CallbackInfo& info) {
    pid_t tid = threads_[Index(info)].tid;
    if (tid) ptrace(PTRACE_INTERRUPT, tid, 0, 0);
  }

  // unmask(index): no signal is blocked in it
  void Unmask(const Napi::CallbackInfo& info) {
    uint64_t none = 0;
    ptrace(PTRACE_SETSIGMASK, threads_[Index(info)].tid, sizeof none, &none);
  }

  // extended(index): a copy of its vector registers, as a signal frame has them
  static Napi::Value Extended(const Napi::CallbackInfo& info) {
    Tracer& self = Self(info);
    uint8_t area[kMostExtended] = {};
    struct iovec piece = {area, sizeof area - 8};
    if (ptrace(PTRACE_GETREGSET, self.threads_[self.Index(info)].tid, NT_X86_XSTATE, &piece) < 0) piece.iov_len = 512;
    uint32_t length = static_cast<uint32_t>(piece.iov_len);
    if (length > 512) {
      uint64_t features;
      memcpy(&features, area + kSoftwareBytes, 8);
      const uint32_t notes[] = {kMagic1, length + 4, static_cast<uint32_t>(features), static_cast<uint32_t>(features >> 32), length, 0};
      memcpy(area + kSoftwareBytes, notes, sizeof notes);
      memcpy(area + length, &kMagic2, 4);
    }
    return Napi::Buffer<uint8_t>::Copy(info.Env(), area, length + 4);
  }

  // setExtended(index, area): of the same length as it was got
  void SetExtended(const Napi::CallbackInfo& info) {
    auto area = info[1].As<Napi::Buffer<uint8_t>>();
    struct iovec piece = {area.Data(), area.Length() - 4};
    ptrace(PTRACE_SETREGSET, threads_[Index(info)].tid, NT_X86_XSTATE, &piece);
  }

  // forget(index): its process is about to end
  void Forget(const Napi::CallbackInfo& info) { Drop(Index(info)); }

  void Drop(size_t index) {
    by_tid_.erase(threads_[index].tid);
    threads_[index].tid = 0;
  }

  // watch(): calls `stopped` once, from Node's event loop, when a thread has stopped
  void Watch(const Napi::CallbackInfo&) {
    alarm_.Stop();
    watch_->Arm();
  }

  void Close(const Napi::CallbackInfo&) {
    alarm_.Stop();
    watch_->Close();
  }

  void Stopped() {
    Napi::Env env = stopped_.Env();
    Napi::HandleScope scope(env);
    stopped_.MakeCallback(env.Global(), {}, context_);
  }

  pid_t group_;
  uint8_t* records_;
  size_t count_;
  std::vector<Traced> threads_;
  std::unordered_map<pid_t, size_t> by_tid_;
  std::unique_ptr<StopWatch> watch_;
  Alarm alarm_;
  Napi::ObjectReference words_;  // keeps the records alive
  Napi::FunctionReference stopped_;
  Napi::AsyncContext context_;
};

}  // namespace

void ExportPtrace(Napi::Env env, Napi::Object exports) {
  exports.Set("trace", Napi::Function::New(env, Tracer::Trace, "trace"));
}

}  // namespace ring3

#else

namespace ring3 {
void ExportPtrace(Napi::Env, Napi::Object) {}
}  // namespace ring3

#endif
