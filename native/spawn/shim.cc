// The shim: a small static program between Node and the child (containerd's word for the same thing).
//
// It clones the child, carries out the parent's part of the plan, waits, and tidies up. It exists because a clone of
// Node would copy Node's memory into every child; because a profile for one small helper can be given rights that no
// one would give to all of Node; and because whoever removes the cgroups must live on when Node is killed.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "context.h"
#include "paths.h"
#include "sys.h"

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif

namespace ring3 {
namespace {

struct Running {
  pid_t pid;
  int pidfd;
  int go;       // a byte from us: the maps are written; before it, id-mapped views
  int joined;   // a byte from us: the cgroups are joined
  int started;  // end of file: the child has called exec, or died
  int mounts;   // its mount namespace, held open; -1: it has none of its own
};

bool map_plan(Context& context) {
  struct stat status;
  if (fstat(kPlanFd, &status) < 0 || status.st_size < static_cast<off_t>(sizeof(Plan))) return false;
  void* base = mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ | PROT_WRITE, MAP_SHARED, kPlanFd, 0);
  if (base == MAP_FAILED) return false;
  context.base = static_cast<char*>(base);
  context.plan = static_cast<const Plan*>(base);
  if (context.plan->magic != kPlanMagic || context.plan->bytes != status.st_size) return false;
  context.steps = reinterpret_cast<const Step*>(context.base + context.plan->steps);
  context.shared = reinterpret_cast<Shared*>(context.base + context.plan->shared);
  context.root_fd = -1;
  context.empty_fd = -1;
  context.null_fd = -1;
  for (int& source : context.sources) source = -1;
  for (int& view : context.id_mapped) view = -1;
  return true;
}

void report(Report& message) {
  if (write(kControlFd, &message, sizeof message) < 0) return;  // Node is gone; the next poll tells
}

void report_failure(const Context& context, int step, int error) {
  Report message = {};
  message.kind = kFailed;
  message.step = step;
  message.error = error;
  memcpy(message.where, context.shared->where, sizeof message.where);
  report(message);
}

void write_byte(int fd) {
  if (write(fd, "g", 1) < 0) return;  // the child has died; its pidfd tells
}

[[noreturn]] void enter_child(Context& context, int go, int joined, int started) {
  context.go_fd = go;
  context.joined_fd = joined;
  context.started_fd = started;
  die_with_parent();
  int failed = 0;
  int result = unshare_late(context, &failed);
  if (result == 0) result = open_sources(context, &failed);
  if (result == 0) run_child(context);
  context.shared->error = -result;
  __atomic_store_n(&context.shared->failed_step, failed, __ATOMIC_RELEASE);
  _exit(127);
}

// Whoever lets go of a mount namespace last takes its mounts down: for ours a millisecond, most of it the wait for an RCU
// grace period at each overlay. That should be us when we have told of the child's end, and not the child before it.
// One that makes it late (late_namespaces) may not have come to that: then we hold our own, and only the millisecond is lost.
int hold_mounts(pid_t child) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/mnt", child);
  return open(path, O_RDONLY | O_CLOEXEC);
}

// Returns 0 or -errno, with *failed the step to blame.
int start_child(Context& context, Running& child, int* failed) {
  int cgroup = clone_cgroup(context, failed);
  if (cgroup < -1) return cgroup;
  int go[2], joined[2], started[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, go) < 0 || pipe2(joined, O_CLOEXEC) < 0 || pipe2(started, O_CLOEXEC) < 0) return -errno;

  sys::CloneArgs args = {};
  args.flags = (clone_flags(context) & ~late_namespaces(context)) | CLONE_PIDFD | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0);
  args.pidfd = reinterpret_cast<uint64_t>(&child.pidfd);
  args.exit_signal = SIGCHLD;
  args.cgroup = cgroup >= 0 ? static_cast<uint64_t>(cgroup) : 0;
  for (uint32_t i = 0; i < context.plan->step_count; i++) {
    if (context.steps[i].op == op_namespaces) *failed = static_cast<int>(i);
  }
  long pid = sys::clone3(&args);
  if (pid < 0) return -errno;
  if (pid == 0) {
    close(go[1]);
    close(joined[1]);
    close(started[0]);
    enter_child(context, go[0], joined[0], started[1]);
  }
  context.shared->cloned = monotonic_ns();
  if (cgroup >= 0) close(cgroup);
  close(go[0]);
  close(joined[0]);
  close(started[1]);
  child.pid = static_cast<pid_t>(pid);
  child.go = go[1];
  child.joined = joined[1];
  child.started = started[0];

  child.mounts = -1;
  // When it has died before its maps, whoever waits for its start hears why.
  if (acts_unmapped(context) && !await_unmapped(child.go)) return 0;
  int result = write_id_maps(context, child.pid, failed);
  if (result == 0) {
    // Joining a v1 cgroup waits for an RCU grace period, 5 to 14 ms: the child mounts meanwhile.
    send_id_mapped(context, child.pid, child.go);
    send_descriptor(child.go, -1);
    result = join_cgroups(context, child.pid, failed);
  }
  if (result < 0) {
    kill(child.pid, SIGKILL);
    waitpid(child.pid, nullptr, 0);
    return result;
  }
  write_byte(child.joined);
  if (clone_flags(context) & CLONE_NEWNS) child.mounts = hold_mounts(child.pid);
  return 0;
}

void kill_child(const Running& child) { kill(child.pid, SIGKILL); }

// False when Node has gone.
bool obey(const Running& child) {
  Command command;
  ssize_t size = recv(kControlFd, &command, sizeof command, MSG_WAITALL);
  if (size != sizeof command) return false;
  if (command.kind == kSignal) kill(child.pid, command.signal);
  return command.kind != kRelease;
}

// Waits for the exec or for the child's end without missing Node's.
bool await_start(Context& context, const Running& child) {
  struct pollfd fds[] = {{child.started, POLLIN, 0}, {kControlFd, POLLIN, 0}};
  for (;;) {
    if (poll(fds, 2, -1) < 0) continue;
    if (fds[1].revents && !obey(child)) {
      kill_child(child);
      fds[1].fd = -1;
    }
    if (fds[0].revents) break;
  }
  context.shared->executed = monotonic_ns();
  return __atomic_load_n(&context.shared->failed_step, __ATOMIC_ACQUIRE) < 0;
}

// Without a pid namespace, what the child has left behind is ours now (PR_SET_CHILD_SUBREAPER): it ends too.
void kill_orphans() {
  char path[64], list[4096];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
  for (int rounds = 0; rounds < 1000; rounds++) {
    Fd children(open(path, O_RDONLY | O_CLOEXEC));
    ssize_t size = children.value < 0 ? 0 : read(children.value, list, sizeof list - 1);
    if (size <= 0) return;
    list[size] = '\0';
    char* end = list;
    for (char* at = list; *at; at = end) {
      long pid = strtol(at, &end, 10);
      if (end == at) break;
      if (*end == ' ') kill(static_cast<pid_t>(pid), SIGKILL);
    }
    waitpid(-1, nullptr, 0);
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
}

void await_exit(Context& context, const Running& child) {
  struct pollfd fds[] = {{child.pidfd, POLLIN, 0}, {kControlFd, POLLIN, 0}};
  while (!(fds[0].revents & POLLIN)) {
    if (poll(fds, 2, -1) < 0) continue;
    if (fds[1].revents && !obey(child)) {
      kill_child(child);
      fds[1].fd = -1;
    }
  }
  int status = 0;
  struct rusage usage = {};
  wait4(child.pid, &status, 0, &usage);
  if (!(clone_flags(context) & CLONE_NEWPID)) kill_orphans();
  Report message = {};
  message.kind = kExited;
  message.pid = child.pid;
  int32_t command = __atomic_load_n(&context.shared->command_status, __ATOMIC_ACQUIRE);
  message.status = command >= 0 ? command : status;
  message.user_us = static_cast<uint64_t>(usage.ru_utime.tv_sec) * 1000000U + static_cast<uint64_t>(usage.ru_utime.tv_usec);
  message.system_us = static_cast<uint64_t>(usage.ru_stime.tv_sec) * 1000000U + static_cast<uint64_t>(usage.ru_stime.tv_usec);
  message.max_rss_kib = static_cast<uint64_t>(usage.ru_maxrss);
  report(message);
  // Node reads the cgroups' counters before they go.
  while (fds[1].fd >= 0 && obey(child)) {
  }
  if (child.mounts >= 0) close(child.mounts);
}

void supervise(Context& context) {
  int failed = 0;
  Running child = {};
  int result = create_cgroups(context, &failed);
  if (result == 0) result = start_child(context, child, &failed);
  if (result < 0) return report_failure(context, failed, -result);

  // The command's pipes must see their end when the command has closed them, not when we have.
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= 2; fd++) dup2(null, fd);
  close(kConsoleFd);

  if (!await_start(context, child)) {
    waitpid(child.pid, nullptr, 0);
    return report_failure(context, context.shared->failed_step, context.shared->error);
  }
  Report message = {};
  message.kind = kRunning;
  message.pid = child.pid;
  report(message);
  await_exit(context, child);
}

}  // namespace
}  // namespace ring3

int main() {
  using namespace ring3;
  static Context context;
  if (!map_plan(context)) {
    constexpr char kLine[] = "ring3-shim is started by ring3 with a plan; it does nothing on its own.\n";
    return write(2, kLine, sizeof kLine - 1) < 0 ? 3 : 2;
  }
  context.shared->started = monotonic_ns();
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  struct sigaction ignored = {};
  ignored.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignored, nullptr);
  setsid();
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  for (int fd = kPlanFd; fd <= kConsoleFd; fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
  supervise(context);
  remove_cgroups(context);
  return 0;
}
