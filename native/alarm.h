#pragma once
// Bounds waits that have no timeout of their own, or whose timeout costs more than the wait: to set a timer is an exit to the
// hypervisor in a virtual machine, so this one is set once and ticks for as long as guests are busy.
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace ring3 {

// While it is on, blocking calls of the thread that has made it end with EINTR at every tick.
class Alarm {
 public:
  ~Alarm() {
    if (made_) timer_delete(timer_);
  }

  void Start(int milliseconds) {
    if (on_) return;
    if (!made_) Make();
    on_ = true;
    long nanoseconds = milliseconds * 1000000L;
    Set({{0, nanoseconds}, {0, nanoseconds}});
  }

  void Stop() {
    if (!on_) return;
    on_ = false;
    Set({});
  }

 private:
  void Set(const struct itimerspec& when) { timer_settime(timer_, 0, &when, nullptr); }

  void Make() {
    int signal = SIGRTMIN + 7;
    struct sigaction action = {};
    action.sa_handler = [](int) {};  // without SA_RESTART
    sigaction(signal, &action, nullptr);
    struct sigevent event = {};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = signal;
    event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
    made_ = timer_create(CLOCK_MONOTONIC, &event, &timer_) == 0;
  }

  timer_t timer_{};
  bool made_ = false;
  bool on_ = false;
};

}  // namespace ring3
