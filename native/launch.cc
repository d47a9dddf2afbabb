// Starting the shim, and hearing of its end through Node's event loop.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>
#include <cerrno>
#include <memory>

#include "facilities.h"

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

namespace ring3 {
namespace {

constexpr int kDescriptors = 6;  // 0, 1, 2 and those that native/spawn/plan.h numbers
constexpr size_t kStackSize = 64 * 1024;

struct Launch {
  int executable;
  int descriptors[kDescriptors];
  int error;
};

// Runs in our address space while this thread waits (vfork(2)): system calls only, and nothing of Node's is touched.
int BecomeShim(void* argument) {
  auto* launch = static_cast<Launch*>(argument);
  static char* argv[] = {const_cast<char*>("ring3-shim"), nullptr};
  static char* env[] = {const_cast<char*>("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), nullptr};
  // First out of the way of 0 to 5, then into place: dup2 clears close-on-exec.
  int high[kDescriptors];
  int executable = fcntl(launch->executable, F_DUPFD_CLOEXEC, 64);
  for (int fd = 0; fd < kDescriptors; fd++) high[fd] = fcntl(launch->descriptors[fd], F_DUPFD_CLOEXEC, 64);
  for (int fd = 0; fd < kDescriptors; fd++) {
    if (high[fd] < 0 || dup2(high[fd], fd) < 0) {
      launch->error = errno;
      _exit(127);
    }
  }
  syscall(SYS_close_range, kDescriptors, ~0U, 1U << 2);  // CLOSE_RANGE_CLOEXEC; Node's own have the flag anyway
  syscall(SYS_execveat, executable, "", argv, env, AT_EMPTY_PATH);
  launch->error = errno;
  _exit(127);
}

// launch(executable, [stdin, stdout, stderr, plan, control, console]): { pid, pidfd }
Napi::Value StartShim(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Launch launch = {};
  launch.executable = info[0].As<Napi::Number>();
  auto descriptors = info[1].As<Napi::Array>();
  for (uint32_t i = 0; i < kDescriptors; i++) launch.descriptors[i] = descriptors.Get(i).As<Napi::Number>();

  void* stack = mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) throw SystemError(env, errno, "mmap");
  // No signal handler of Node's may run in the child while it shares our memory.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  int pid = clone(BecomeShim, static_cast<char*>(stack) + kStackSize, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD,
                  &launch, &pidfd);
  int error = pid < 0 ? errno : launch.error;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  munmap(stack, kStackSize);
  if (pid >= 0 && error) {
    waitpid(pid, nullptr, 0);
    close(pidfd);
  }
  if (error) throw SystemError(env, error, pid < 0 ? "clone" : "execveat");

  Napi::Object started = Napi::Object::New(env);
  started.Set("pid", pid);
  started.Set("pidfd", pidfd);
  return started;
}

// Keeps a pidfd, its poll handle and the callback until the process has ended.
class Waiter {
 public:
  Waiter(Napi::Env env, int pidfd, Napi::Function done) : pidfd_(pidfd), context_(env, "ring3.waitProcess") {
    done_ = Napi::Persistent(done);
    uv_loop_t* loop;
    napi_get_uv_event_loop(env, &loop);
    poll_.data = this;
    uv_poll_init(loop, &poll_, pidfd);
    uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* poll, int, int) { static_cast<Waiter*>(poll->data)->Finish(); });
  }

 private:
  void Finish() {
    siginfo_t end = {};
    waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd_), &end, WEXITED);
    uv_poll_stop(&poll_);
    uv_close(reinterpret_cast<uv_handle_t*>(&poll_), [](uv_handle_t* poll) {
      auto* waiter = static_cast<Waiter*>(poll->data);
      close(waiter->pidfd_);
      delete waiter;
    });
    Napi::Env env = done_.Env();
    Napi::HandleScope scope(env);
    bool exited = end.si_code == CLD_EXITED;
    done_.MakeCallback(env.Global(), {Napi::Number::New(env, exited ? end.si_status : 128 + end.si_status)}, context_);
  }

  int pidfd_;
  uv_poll_t poll_;
  Napi::FunctionReference done_;
  Napi::AsyncContext context_;
};

// waitProcess(pidfd, done): done(exit status, or 128 + signal) once the process has ended; takes the descriptor over
void WaitProcess(const Napi::CallbackInfo& info) {
  new Waiter(info.Env(), info[0].As<Napi::Number>(), info[1].As<Napi::Function>());  // deletes itself
}

// endNow(status): without waiting for threads that sleep in a read of ours, as exit(3) would (libuv joins its pool)
void EndNow(const Napi::CallbackInfo& info) { _exit(info[0].As<Napi::Number>()); }

}  // namespace

void ExportLaunch(Napi::Env env, Napi::Object exports) {
  exports.Set("launch", Napi::Function::New(env, StartShim, "launch"));
  exports.Set("endNow", Napi::Function::New(env, EndNow, "endNow"));
  exports.Set("waitProcess", Napi::Function::New(env, WaitProcess, "waitProcess"));
}

}  // namespace ring3
