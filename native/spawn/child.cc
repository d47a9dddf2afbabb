// The child between clone and exec: one step after the other, no allocation, no locks, no decisions.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "context.h"

namespace ring3 {

uint64_t monotonic_ns() {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000U + static_cast<uint64_t>(now.tv_nsec);
}

int failed_at(Context& context, const char* path) {
  int error = errno;
  strncpy(context.shared->where, path, sizeof context.shared->where - 1);
  return -error;
}

int open_sources(Context& context, int* failed) {
  int count = 0;
  for (uint32_t i = 0; i < context.plan->step_count; i++) {
    const Step& step = context.steps[i];
    bool is_bind = step.op == op_bind && number(step, 5) == 0;
    if (!is_bind && step.op != op_overlay) continue;
    *failed = static_cast<int>(i);
    const char* path = text(context, step, 0);
    if (count == kMaxSources) return errno = EMFILE, failed_at(context, path);
    int fd = open(path, O_PATH | O_CLOEXEC);
    bool optional = is_bind && number(step, 4) != 0;
    if (fd < 0 && !(optional && (errno == ENOENT || errno == ENOTDIR || errno == EACCES)))
      return failed_at(context, path);
    context.sources[count++] = fd;
  }
  return 0;
}

uint64_t late_namespaces(const Context& context) {
  for (uint32_t i = 0; i < context.plan->step_count; i++) {
    if (context.steps[i].op == op_idMap && number(context.steps[i], 3))
      return CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
  }
  return CLONE_NEWNET;
}

int unshare_late(Context& context, int* failed) {
  for (uint32_t i = 0; i < context.plan->step_count; i++) {
    const Step& step = context.steps[i];
    if (step.op != op_namespaces) continue;
    *failed = static_cast<int>(i);
    int late = static_cast<int>(number(step, 0) & late_namespaces(context));
    if (late && unshare(late) < 0) return failed_at(context, "");
    context.shared->finished[i] = monotonic_ns();
  }
  return 0;
}

namespace {

bool has_step(const Context& context, Op op) {
  for (uint32_t i = 0; i < context.plan->step_count; i++) {
    if (context.steps[i].op == op) return true;
  }
  return false;
}

[[noreturn]] void give_up(Context& context, int step, int error) {
  context.shared->error = -error;
  __atomic_store_n(&context.shared->failed_step, step, __ATOMIC_RELEASE);
  _exit(127);
}

// What exec would hand on and a command does not expect, as Node's ignored SIGPIPE. All signals stay blocked until then.
void reset_signals() {
  struct sigaction plain = {};
  plain.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &plain, nullptr);
}

}  // namespace

// A command is killed with its shim. The kernel clears the wish at each change of credentials (prctl(2)).
void die_with_parent() { prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

bool await_parent(int fd) {
  char byte;
  ssize_t size;
  while ((size = read(fd, &byte, 1)) < 0 && errno == EINTR) {
  }
  return size == 1;
}

// Searches as execvp(3) does: EACCES is remembered while later folders may still have the file.
int step_exec(Context& context, const Step& step) {
  static char* argv[4097];
  static char* env[4097];
  static char candidate[8192];
  char** vectors[] = {argv, env};
  for (int v = 0; v < 2; v++) {
    uint64_t count = length(step, 1 + v);
    if (count > 4096) return errno = E2BIG, failed_at(context, "");
    const Field* fields = list(context, step, 1 + v);
    for (uint64_t i = 0; i < count; i++) vectors[v][i] = const_cast<char*>(text(context, fields[i]));
    vectors[v][count] = nullptr;
  }
  const char* file = text(context, step, 0);
  const Field* search = list(context, step, 3);
  umask(context.umask);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (strchr(file, '/')) {
    execve(file, argv, env);
    return failed_at(context, file);
  }
  int error = ENOENT;
  for (uint64_t i = 0; i < length(step, 3); i++) {
    int size = snprintf(candidate, sizeof candidate, "%s/%s", text(context, search[i]), file);
    if (size < 0 || static_cast<size_t>(size) >= sizeof candidate) continue;
    execve(candidate, argv, env);
    if (errno != ENOENT && errno != ENOTDIR) error = errno;
  }
  errno = error;
  return failed_at(context, file);
}

int step_init(Context& context, const Step&) {
  // The command may share our ids: without this it could trace us, and we run without its filter.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) return failed_at(context, "");
  pid_t command = fork();
  if (command < 0) return failed_at(context, "fork");
  if (command > 0) run_init(context, command);
  return 0;
}

void run_child(Context& context) {
  reset_signals();
  context.umask = umask(0);
  if (!has_step(context, op_idMap) && !await_maps(context, false)) _exit(127);
  for (uint32_t i = 0; i < context.plan->step_count; i++) {
    const Step& step = context.steps[i];
    int result = 0;
    if (step.op == op_idMap) {
      if (!await_maps(context, number(step, 3))) _exit(127);
      context.shared->finished[i] = monotonic_ns();
    }
    if (step.op == op_seccomp || step.op == op_exec) die_with_parent();
    switch (step.op) {
#define X(name, fields) \
  case op_##name:       \
    continue;
      RING3_PARENT_STEPS(X)
#undef X
#define X(name, fields)                  \
  case op_##name:                        \
    result = step_##name(context, step); \
    break;
      RING3_CHILD_STEPS(X)
#undef X
      default:
        result = -EINVAL;
    }
    if (result < 0) give_up(context, static_cast<int>(i), result);
    context.shared->finished[i] = monotonic_ns();
  }
  give_up(context, static_cast<int>(context.plan->step_count) - 1, -EINVAL);  // a plan without exec
}

}  // namespace ring3
