// What the code that carries out steps needs to know, and how it reads a step's fields.
#pragma once
#include <sched.h>

#include "plan.h"

namespace ring3 {

struct Context {
  char* base;  // the mapped plan
  const Plan* plan;
  const Step* steps;
  Shared* shared;

  // One descriptor a host path, in the order of the steps that name one; -1: it was not there.
  int sources[kMaxSources];
  int next_source;

  // Id-mapped views of overlays' lower folders, in the order of the steps that ask for one; -1: not to be had.
  int id_mapped[kMaxIdMapped];
  int next_id_mapped;

  // After `resolveIn`: paths that begin with root_prefix are resolved in root_fd.
  int root_fd;
  const char* root_prefix;
  uint64_t root_prefix_length;

  unsigned umask;  // for the command; until its exec there is none, so that modes are what the plan says

  int empty_fd;  // the empty filesystem that covers masked folders; -1: not made yet
  int null_fd;   // /dev/null as it covers masked files

  int go_fd;       // id-mapped views, then a byte once the maps are written; -1: heard already
  int joined_fd;   // a byte comes once the parent has joined us to the cgroups
  int started_fd;  // closed by exec: tells the parent that the command runs
};

inline uint64_t number(const Step& step, int index) { return step.field[index].value; }
inline const char* text(const Context& context, const Field& field) { return context.base + field.value; }
inline const char* text(const Context& context, const Step& step, int index) {
  return text(context, step.field[index]);
}
inline uint64_t length(const Step& step, int index) { return step.field[index].length; }
inline const Field* list(const Context& context, const Step& step, int index) {
  return reinterpret_cast<const Field*>(context.base + step.field[index].value);
}

uint64_t monotonic_ns();

// Remembers what a failing step was about; returns -errno so that a step can end with `return failed_at(…)`.
int failed_at(Context& context, const char* path);

#define X(name, fields) int step_##name(Context& context, const Step& step);
RING3_CHILD_STEPS(X)
#undef X

void die_with_parent();

// False when the parent has died before it let us go on.
bool await_parent(int fd);

// Waits for the maps, and takes the id-mapped views in. Returns as await_parent does. `by_helpers`: from the moment they
// are written, a while before the helpers have ended and the parent can say so.
bool await_maps(Context& context, bool by_helpers);

// Whether the plan has steps for the child before its id maps. What they may do depends on there being none yet, so that
// the maps are written only when the child has come to them; others need not be waited for.
bool acts_unmapped(const Context& context);

// Waits until such a child has come to its maps. False when it has died before.
bool await_unmapped(int socket_fd);

// Puts a descriptor into a message of one byte (SCM_RIGHTS); -1 sends the byte alone. False on failure.
bool send_descriptor(int socket_fd, int fd);

// Namespaces that the child makes while its maps are being written. A network takes longer than all the others; where
// helpers write the maps, which is what then takes longest, they are started the sooner the less there is to clone.
uint64_t late_namespaces(const Context& context);
int unshare_late(Context& context, int* failed);

// Opens every host path that the plan names. Returns 0 or -errno, with *failed the step's index.
int open_sources(Context& context, int* failed);

// Carries out all child steps; returns only when one has failed. Runs in the cloned child.
[[noreturn]] void run_child(Context& context);

// The rest of pid 1's life. Runs after `init` has forked the command.
[[noreturn]] void run_init(Context& context, int command);

// The parent's side (parent.cc): each returns 0 or -errno.
int create_cgroups(Context& context, int* failed);
int write_id_maps(Context& context, int child, int* failed);
void send_id_mapped(Context& context, int child, int socket_fd);
int join_cgroups(Context& context, int child, int* failed);
void remove_cgroups(Context& context);
uint64_t clone_flags(const Context& context);
int clone_cgroup(Context& context, int* failed);  // descriptor of the cgroup to be cloned into; -1: none

}  // namespace ring3
