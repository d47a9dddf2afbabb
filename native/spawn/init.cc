// Pid 1 of a pid namespace: it reaps what is orphaned, passes signals on to the command, and ends with it, whereupon
// the kernel kills whatever is left in the namespace (pid_namespaces(7)).
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstddef>

#include "context.h"
#include "sys.h"

#if defined(__x86_64__)
#define RING3_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define RING3_AUDIT_ARCH AUDIT_ARCH_AARCH64
#else
#error "name the AUDIT_ARCH of this architecture"
#endif

namespace ring3 {
namespace {

// We hold no descriptor and wait for children and signals: whoever took us over should find nothing more to call.
void confine_init() {
#define ALLOW(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RING3_AUDIT_ARCH, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      ALLOW(wait4),
      ALLOW(rt_sigtimedwait),
      ALLOW(kill),
      ALLOW(exit_group),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
#undef ALLOW
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0) _exit(126);
}

}  // namespace

void run_init(Context& context, int command) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  sys::close_range(0, ~0U, 0);
  confine_init();
  for (;;) {
    int signal = sigwaitinfo(&all, nullptr);
    if (signal > 0 && signal != SIGCHLD) kill(command, signal);
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
      if (pid != command) continue;
      __atomic_store_n(&context.shared->command_status, status, __ATOMIC_RELEASE);
      _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
  }
}

}  // namespace ring3
