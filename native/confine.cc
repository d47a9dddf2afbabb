// Confining Node's own process, after it has started what it needs: a filter for all of its threads, a Landlock domain, and
// io_uring rings that can do nothing but what libuv made them for.
#include <dirent.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "facilities.h"

// Younger than some headers; the same on all architectures.
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

namespace ring3 {
namespace {

void NoNewPrivileges(Napi::Env env) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) throw SystemError(env, errno, "prctl");
}

// filterSelf(program): a seccomp filter for all threads of this process, for good (seccomp(2), SECCOMP_FILTER_FLAG_TSYNC)
void FilterSelf(const Napi::CallbackInfo& info) {
  auto bytes = info[0].As<Napi::Uint8Array>();
  struct sock_fprog program = {};
  program.len = static_cast<unsigned short>(bytes.ByteLength() / sizeof(sock_filter));
  program.filter = reinterpret_cast<sock_filter*>(bytes.Data());
  NoNewPrivileges(info.Env());
  long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
  // A thread that has another filter is told by its id.
  if (result != 0) throw SystemError(info.Env(), result < 0 ? errno : EBUSY, "seccomp");
}

struct LandlockRuleset {
  uint64_t fs, net, scoped;
};

struct __attribute__((packed)) LandlockBeneath {
  uint64_t allowed;
  int32_t parent;
};

constexpr int kLandlockPathBeneath = 1;
constexpr unsigned kLandlockVersion = 1;

void Allow(Napi::Env env, int ruleset, int folder, uint64_t rights) {
  LandlockBeneath rule = {rights, folder};
  if (syscall(SYS_landlock_add_rule, ruleset, kLandlockPathBeneath, &rule, 0) < 0) throw SystemError(env, errno, "landlock_add_rule");
}

// landlockVersion(): 0 when the host has no Landlock
Napi::Value LandlockVersion(const Napi::CallbackInfo& info) {
  long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, kLandlockVersion);
  return Napi::Number::New(info.Env(), version < 0 ? 0 : static_cast<double>(version));
}

// landlockSelf([fs, net, scoped], [folder, rights, …]): this thread, and those that it makes later, have of the handled
// rights only those beneath the folders (landlock(7))
void LandlockSelf(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto handled = info[0].As<Napi::Array>();
  auto rules = info[1].As<Napi::Array>();
  auto number = [](Napi::Array array, uint32_t at) { return static_cast<uint64_t>(array.Get(at).As<Napi::Number>().Int64Value()); };
  LandlockRuleset attributes = {number(handled, 0), number(handled, 1), number(handled, 2)};
  // Older kernels take a larger struct if what they do not know is zero.
  int ruleset = static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0));
  if (ruleset < 0) throw SystemError(env, errno, "landlock_create_ruleset");
  for (uint32_t i = 0; i < rules.Length(); i += 2) Allow(env, ruleset, static_cast<int>(number(rules, i)), number(rules, i + 1));
  NoNewPrivileges(env);
  long result = syscall(SYS_landlock_restrict_self, ruleset, 0);
  int error = errno;
  close(ruleset);
  if (result < 0) throw SystemError(env, error, "landlock_restrict_self");
}

constexpr char kRing[] = "anon_inode:[io_uring]";

// A ring of libuv's: its descriptor, and where its two parts are mapped.
struct Ring {
  int fd;
  ino_t inode;
  void* queues;
  size_t queues_length;
  void* entries;
  size_t entries_length;
};

std::vector<Ring> FindRings() {
  std::vector<Ring> rings;
  DIR* folder = opendir("/proc/self/fd");
  if (!folder) return rings;
  while (struct dirent* entry = readdir(folder)) {
    char target[64];
    ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
    target[length < 0 ? 0 : length] = 0;
    struct stat status;
    int fd = atoi(entry->d_name);
    if (strcmp(target, kRing) == 0 && fstat(fd, &status) == 0) rings.push_back({fd, status.st_ino, nullptr, 0, nullptr, 0});
  }
  closedir(folder);
  return rings;
}

// Where the rings are mapped, known by their inodes.
void FindMappings(std::vector<Ring>& rings) {
  FILE* maps = rings.empty() ? nullptr : fopen("/proc/self/maps", "re");
  if (!maps) return;
  char line[512];
  while (fgets(line, sizeof line, maps)) {
    uint64_t from, to, offset, inode;
    if (!strstr(line, kRing)) continue;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %*s %" SCNu64, &from, &to, &offset, &inode) != 4) continue;
    for (Ring& ring : rings) {
      if (ring.inode != inode) continue;
      (offset == IORING_OFF_SQES ? ring.entries : ring.queues) = reinterpret_cast<void*>(from);
      (offset == IORING_OFF_SQES ? ring.entries_length : ring.queues_length) = to - from;
    }
  }
  fclose(maps);
}

// A ring that takes epoll_ctl(2) and nothing else, and can be changed no more (io_uring_register(2),
// IORING_REGISTER_RESTRICTIONS).
int MakeRestricted(uint32_t entries, io_uring_params& params) {
  params = {};
  params.flags = IORING_SETUP_R_DISABLED;
  int fd = static_cast<int>(syscall(SYS_io_uring_setup, entries, &params));
  if (fd < 0) return -1;
  struct io_uring_restriction only = {};
  only.opcode = IORING_RESTRICTION_SQE_OP;
  only.sqe_op = IORING_OP_EPOLL_CTL;
  if (syscall(SYS_io_uring_register, fd, IORING_REGISTER_RESTRICTIONS, &only, 1) == 0 &&
      syscall(SYS_io_uring_register, fd, IORING_REGISTER_ENABLE_RINGS, nullptr, 0) == 0)
    return fd;
  close(fd);
  return -1;
}

uint32_t& At(void* base, uint32_t offset) { return *reinterpret_cast<uint32_t*>(static_cast<char*>(base) + offset); }

// Puts the restricted ring where libuv believes its own to be. libuv keeps nothing of a ring's state but in its pages.
bool Replace(const Ring& ring) {
  io_uring_params params;
  // Every ring has these four first, in this order (struct io_rings): sq head, sq tail, cq head, cq tail.
  if (!ring.queues || !ring.entries) return false;
  if (At(ring.queues, 0) != At(ring.queues, 4) || At(ring.queues, 8) != At(ring.queues, 12)) return false;
  int fd = MakeRestricted(At(ring.queues, 24), params);
  if (fd < 0) return false;
  bool same = params.sq_off.head == 0 && params.sq_off.tail == 4 && params.cq_off.head == 8 && params.cq_off.tail == 12 &&
              params.sq_off.ring_entries == 24 && params.sq_entries == At(ring.queues, 24) &&
              params.sq_off.array + params.sq_entries * 4 <= ring.queues_length &&
              params.sq_entries * sizeof(io_uring_sqe) <= ring.entries_length;
  int protection = PROT_READ | PROT_WRITE, flags = MAP_SHARED | MAP_FIXED | MAP_POPULATE;
  bool replaced = same && mmap(ring.queues, ring.queues_length, protection, flags, fd, IORING_OFF_SQ_RING) == ring.queues &&
                  mmap(ring.entries, ring.entries_length, protection, flags, fd, IORING_OFF_SQES) == ring.entries &&
                  dup3(fd, ring.fd, O_CLOEXEC) == ring.fd;
  for (uint32_t i = 0; replaced && i < params.sq_entries; i++) At(ring.queues, params.sq_off.array + 4 * i) = i;
  close(fd);
  return replaced;
}

// restrictRings(): a filter does not see what an io_uring is told to do, so what libuv has made may only watch
// descriptors afterwards. Returns how many rings there are that still can do everything.
Napi::Value RestrictRings(const Napi::CallbackInfo& info) {
  uint32_t left = 0;
  std::vector<Ring> rings = FindRings();
  FindMappings(rings);
  for (const Ring& ring : rings) left += !Replace(ring);
  return Napi::Number::New(info.Env(), left);
}

}  // namespace

void ExportConfine(Napi::Env env, Napi::Object exports) {
  exports.Set("filterSelf", Napi::Function::New(env, FilterSelf, "filterSelf"));
  exports.Set("landlockVersion", Napi::Function::New(env, LandlockVersion, "landlockVersion"));
  exports.Set("landlockSelf", Napi::Function::New(env, LandlockSelf, "landlockSelf"));
  exports.Set("restrictRings", Napi::Function::New(env, RestrictRings, "restrictRings"));
}

}  // namespace ring3
