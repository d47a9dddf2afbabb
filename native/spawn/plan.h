// The ABI between TypeScript, which writes a plan into a memfd, and the shim, which maps it and carries it out.
//
// The memfd holds, in this order: Plan, its steps, the texts and lists that their fields point to, and Shared.
// All offsets count from the start of the memfd. The addon exports every size, offset and step of this file, so
// that nothing here is typed a second time in TypeScript.
#pragma once
#include <cstdint>

namespace ring3 {

constexpr uint32_t kPlanMagic = 0x336e6c70;  // "pln3"
constexpr int kMaxFields = 8;
constexpr int kMaxIdMapped = 16;
constexpr int kMaxSources = 256;  // host paths that the child opens before it changes anything

// A number stands in `value`. A text is NUL-terminated at offset `value` and `length` bytes long.
// A list is an array of `length` Fields at offset `value`.
struct Field {
  uint64_t value;
  uint64_t length;
};

struct Step {
  uint32_t op;
  uint32_t unused;
  Field field[kMaxFields];
};

struct Plan {
  uint32_t magic;
  uint32_t bytes;        // of the whole memfd
  uint32_t step_count;
  uint32_t shared;       // offset of Shared
  uint64_t steps;        // offset of the first Step
};

// What shim, child and Node share while the child starts. The command never sees it: exec unmaps it.
struct Shared {
  uint64_t started;         // CLOCK_MONOTONIC, nanoseconds: the shim's first instruction
  uint64_t cloned;          // clone3 has returned in the shim
  uint64_t executed;        // the exec has succeeded
  int32_t failed_step;      // -1: none
  int32_t error;            // errno of the failed step
  int32_t command_status;   // wait status of the command, written by our init; -1: not yet
  int32_t unused;
  char where[256];          // the path that the failed step was about
  uint64_t finished[1];     // one a step: when it was done; 0: not reached
};

// Node to shim.
struct Command {
  uint32_t kind;   // CommandKind
  int32_t signal;  // for kSignal
};
enum CommandKind : uint32_t { kSignal = 1, kRelease = 2 };

// Shim to Node.
struct Report {
  uint32_t kind;        // ReportKind
  int32_t pid;          // of the child, in the shim's pid namespace
  int32_t status;       // kExited: wait status, as waitpid(2) gives it
  int32_t error;        // kFailed: errno
  int32_t step;         // kFailed: index of the step; -1: clone3 itself
  int32_t unused;
  uint64_t user_us;     // kExited: CPU time of the child and its reaped descendants
  uint64_t system_us;
  uint64_t max_rss_kib;
  char where[256];      // kFailed
};
enum ReportKind : uint32_t { kRunning = 1, kFailed = 2, kExited = 3 };

// Descriptors that the shim finds open.
constexpr int kPlanFd = 3;
constexpr int kControlFd = 4;  // a stream of Command and Report
constexpr int kConsoleFd = 5;  // where the `terminal` step sends the pty's master; may be closed

// X(name, "field field …"): the name is that of the step in src/confine/plan.ts.
#define RING3_PARENT_STEPS(X)                          \
  X(namespaces, "flags")                               \
  X(idMap, "uid gid denySetgroups helper")             \
  X(cgroupCreate, "path")                              \
  X(cgroupWrite, "path value")                         \
  X(cgroupJoin, "path clone")

#define RING3_CHILD_STEPS(X)                           \
  X(propagation, "target flags")                       \
  X(resolveIn, "root")                                 \
  X(mount, "type source target attributes options")    \
  X(overlay, "lower upper work target attributes idMappedAt") \
  X(bind, "source target recursive attributes optional inside") \
  X(attributes, "target attributes recursive optional") \
  X(unmount, "target lazy")                            \
  X(directory, "path mode")                            \
  X(file, "path content mode")                         \
  X(symlink, "target path")                            \
  X(sysctl, "path value optional")                     \
  X(mask, "path")                                      \
  X(pivotRoot, "root")                                 \
  X(chroot, "path")                                    \
  X(workdir, "path")                                   \
  X(hostname, "name")                                  \
  X(domainname, "name")                                \
  X(loopback, "")                                      \
  X(rlimit, "resource soft hard")                      \
  X(umask, "mask")                                     \
  X(session, "")                                       \
  X(terminal, "rows columns")                          \
  X(joined, "unshareCgroup")                           \
  X(securebits, "bits")                                \
  X(boundingSet, "keep")                               \
  X(groups, "gids")                                    \
  X(gid, "gid")                                        \
  X(uid, "uid")                                        \
  X(capabilities, "effective permitted inheritable")   \
  X(ambientSet, "set")                                 \
  X(noNewPrivs, "")                                    \
  X(parentDeathSignal, "signal")                       \
  X(init, "")                                          \
  X(closeDescriptors, "from")                          \
  X(seccomp, "program flags")                          \
  X(exec, "file argv env search")

#define RING3_STEPS(X) RING3_PARENT_STEPS(X) RING3_CHILD_STEPS(X)

enum Op : uint32_t {
#define X(name, fields) op_##name,
  RING3_STEPS(X)
#undef X
  op_count
};

inline bool is_child_step(Op op) {
  switch (op) {
#define X(name, fields) case op_##name:
    RING3_CHILD_STEPS(X)
#undef X
    return true;
    default:
      return false;
  }
}

}  // namespace ring3
