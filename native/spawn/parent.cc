// The steps that the child cannot carry out itself: id maps, which need rights in the parent's user namespace, and
// cgroups, which outlive the child.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "context.h"
#include "paths.h"
#include "sys.h"

namespace ring3 {
namespace {

int write_file(Context& context, const char* path, const char* value, size_t size) {
  Fd file(open(path, O_WRONLY | O_CLOEXEC));
  if (file.value < 0 || write(file.value, value, size) < 0) return failed_at(context, path);
  return 0;
}

int write_proc(Context& context, int child, const char* file, const char* value, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", child, file);
  return write_file(context, path, value, size);
}

// Each range is three numbers in a row of the list: inside, outside, count.
int direct_map(Context& context, int child, const Step& step, int field, const char* file) {
  char map[4096];  // the kernel takes at most a page (user_namespaces(7))
  size_t size = 0;
  const Field* numbers = list(context, step, field);
  for (uint64_t i = 0; i + 2 < length(step, field); i += 3) {
    int line = snprintf(map + size, sizeof map - size, "%llu %llu %llu\n",
                        static_cast<unsigned long long>(numbers[i].value),
                        static_cast<unsigned long long>(numbers[i + 1].value),
                        static_cast<unsigned long long>(numbers[i + 2].value));
    if (line < 0 || static_cast<size_t>(line) >= sizeof map - size) return errno = E2BIG, failed_at(context, file);
    size += static_cast<size_t>(line);
  }
  return size == 0 ? 0 : write_proc(context, child, file, map, size);
}

// newuidmap or newgidmap until its exec.
struct Helper {
  const char* program;
  char* argv[1032];
  char numbers[1032][12];
  alignas(16) char stack[16384];
};

int become_helper(void* argument) {
  auto* helper = static_cast<Helper*>(argument);
  ring3_exec_search(helper->program, helper->argv);
  return 127;
}

// newuidmap PID INSIDE OUTSIDE COUNT …: setuid root, it checks /etc/subuid for us (newuidmap(1)).
// Returns its pid, 0 when there is nothing to map, or -errno.
pid_t start_helper(Context& context, Helper& helper, int child, const Step& step, int field, const char* program) {
  uint64_t count = length(step, field);
  helper.program = program;
  if (count == 0) return 0;
  if (count > 1020) return errno = E2BIG, failed_at(context, program);
  const Field* fields = list(context, step, field);
  snprintf(helper.numbers[0], sizeof *helper.numbers, "%d", child);
  helper.argv[0] = const_cast<char*>(program);
  helper.argv[1] = helper.numbers[0];
  for (uint64_t i = 0; i < count; i++) {
    snprintf(helper.numbers[i + 1], sizeof *helper.numbers, "%u", static_cast<unsigned>(fields[i].value));
    helper.argv[i + 2] = helper.numbers[i + 1];
  }
  helper.argv[count + 2] = nullptr;
  // It shares our memory until its exec: a copy would cost a third as much as all that the helper does.
  sys::CloneArgs args = {};
  args.flags = CLONE_VM;
  args.exit_signal = SIGCHLD;
  args.stack = reinterpret_cast<uint64_t>(helper.stack);
  args.stack_size = sizeof helper.stack;
  long pid = ring3_clone3(&args, sizeof args, become_helper, &helper);
  if (pid < 0) return errno = static_cast<int>(-pid), failed_at(context, program);
  return static_cast<pid_t>(pid);
}

int end_helper(Context& context, pid_t pid, const char* program) {
  if (pid <= 0) return pid;
  int status;
  if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
  errno = WIFEXITED(status) && WEXITSTATUS(status) == 127 ? ENOENT : EPERM;
  return failed_at(context, program);
}

// Both at once: each takes longer than all the rest of a start. The child sees the maps when they are written; what the
// helpers have to say comes after.
int helper_maps(Context& context, int child, const Step& step) {
  static Helper uid_helper, gid_helper;
  pid_t uids = start_helper(context, uid_helper, child, step, 0, "newuidmap");
  pid_t gids = start_helper(context, gid_helper, child, step, 1, "newgidmap");
  int uid_result = end_helper(context, uids, "newuidmap");
  int gid_result = end_helper(context, gids, "newgidmap");
  return uid_result ? uid_result : gid_result;
}

// Calls `act` on every step of one kind until one fails.
template <typename Act>
int each(const Context& context, Op op, int* failed, Act act) {
  for (uint32_t i = 0; i < context.plan->step_count; i++) {
    if (context.steps[i].op != op) continue;
    *failed = static_cast<int>(i);
    if (int result = act(context.steps[i])) return result;
    if (op != op_idMap) context.shared->finished[i] = monotonic_ns();  // that is when the child sees its maps
  }
  return 0;
}

void pause_ms(long ms) {
  struct timespec time = {0, ms * 1000000};
  nanosleep(&time, nullptr);
}

// v2 kills a whole cgroup at a write; v1 has only its list, read until it stays empty.
void kill_members(const char* cgroup) {
  char path[4200], data[4096];
  snprintf(path, sizeof path, "%s/cgroup.kill", cgroup);
  Fd killer(open(path, O_WRONLY | O_CLOEXEC));
  if (killer.value >= 0 && write(killer.value, "1", 1) == 1) return;
  snprintf(path, sizeof path, "%s/cgroup.procs", cgroup);
  Fd members(open(path, O_RDONLY | O_CLOEXEC));
  ssize_t size = members.value < 0 ? 0 : read(members.value, data, sizeof data - 1);
  if (size <= 0) return;
  data[size] = '\0';
  for (char* line = data; *line;) {
    char* end;
    long pid = strtol(line, &end, 10);
    if (end == line || *end != '\n') break;  // cut off: the next round reads it whole
    if (pid > 1) kill(static_cast<pid_t>(pid), SIGKILL);
    line = end + 1;
  }
}

void remove_cgroup(const char* cgroup) {
  for (int tries = 0; tries < 1000; tries++) {
    if (rmdir(cgroup) == 0 || errno != EBUSY) return;
    kill_members(cgroup);
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    pause_ms(tries < 50 ? 1 : 10);
  }
}

}  // namespace

uint64_t clone_flags(const Context& context) {
  uint64_t flags = 0;
  for (uint32_t i = 0; i < context.plan->step_count; i++) {
    if (context.steps[i].op == op_namespaces) flags |= number(context.steps[i], 0);
  }
  return flags;
}

int write_id_maps(Context& context, int child, int* failed) {
  return each(context, op_idMap, failed, [&](const Step& step) {
    if (number(step, 2)) {
      if (int result = write_proc(context, child, "setgroups", "deny", 4)) return result;
    }
    if (number(step, 3)) return helper_maps(context, child, step);
    int result = direct_map(context, child, step, 0, "uid_map");
    return result ? result : direct_map(context, child, step, 1, "gid_map");
  });
}

int create_cgroups(Context& context, int* failed) {
  for (uint32_t i = 0; i < context.plan->step_count; i++) {
    const Step& step = context.steps[i];
    if (step.op != op_cgroupCreate && step.op != op_cgroupWrite) continue;
    *failed = static_cast<int>(i);
    const char* path = text(context, step, 0);
    if (step.op == op_cgroupCreate && mkdir(path, 0755) < 0) return failed_at(context, path);
    if (step.op == op_cgroupWrite) {
      if (int result = write_file(context, path, text(context, step, 1), length(step, 1))) return result;
    }
    context.shared->finished[i] = monotonic_ns();
  }
  return 0;
}

int clone_cgroup(Context& context, int* failed) {
  int cgroup = -1;
  int result = each(context, op_cgroupJoin, failed, [&](const Step& step) {
    if (!number(step, 1)) return 0;
    const char* path = text(context, step, 0);
    cgroup = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return cgroup < 0 ? failed_at(context, path) : 0;
  });
  return result ? result : cgroup;
}

namespace {

int id_mapped_view(const char* lower, int user_namespace) {
  int tree = sys::open_tree(AT_FDCWD, lower, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (tree < 0) return -1;
  sys::MountAttr attr = {};
  attr.attr_set = 0x00100000 | MOUNT_ATTR_RDONLY;  // MOUNT_ATTR_IDMAP; a lower layer is only read
  attr.userns_fd = static_cast<uint64_t>(user_namespace);
  if (sys::mount_setattr(tree, "", AT_EMPTY_PATH, &attr) == 0) return tree;
  close(tree);
  return -1;
}

}  // namespace

void send_id_mapped(Context& context, int child, int socket_fd) {
  Fd user_namespace(-1);
  int count = 0;
  for (uint32_t i = 0; i < context.plan->step_count; i++) {
    const Step& step = context.steps[i];
    if (step.op != op_overlay || length(step, 5) == 0 || count++ == kMaxIdMapped) continue;
    if (count == 1) {
      char path[64];
      snprintf(path, sizeof path, "/proc/%d/ns/user", child);
      user_namespace.value = open(path, O_RDONLY | O_CLOEXEC);
    }
    Fd view(id_mapped_view(text(context, step, 0), user_namespace.value));
    send_descriptor(socket_fd, view.value);
  }
}

int join_cgroups(Context& context, int child, int* failed) {
  return each(context, op_cgroupJoin, failed, [&](const Step& step) {
    if (number(step, 1)) return 0;
    char path[4200], pid[16];
    snprintf(path, sizeof path, "%s/cgroup.procs", text(context, step, 0));
    int size = snprintf(pid, sizeof pid, "%d", child);
    return write_file(context, path, pid, static_cast<size_t>(size));
  });
}

// Only what this plan has made: a step that was not reached has no time, and a folder that was there before is not ours.
void remove_cgroups(Context& context) {
  for (uint32_t i = context.plan->step_count; i-- > 0;) {
    if (context.steps[i].op == op_cgroupCreate && context.shared->finished[i] != 0)
      remove_cgroup(text(context, context.steps[i], 0));
  }
}

}  // namespace ring3
