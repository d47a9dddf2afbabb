// Steps that give up privileges (capabilities(7), credentials(7), seccomp(2)). Raw system calls throughout: the C
// library's setuid and setgroups would signal other threads, and there are none.
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>

#include "context.h"
#include "sys.h"

namespace ring3 {

int step_securebits(Context& context, const Step& step) {
  return prctl(PR_SET_SECUREBITS, number(step, 0), 0, 0, 0) == 0 ? 0 : failed_at(context, "");
}

// A kernel may know capabilities that we have no name for: they are dropped too, up to its own last one.
int step_boundingSet(Context& context, const Step& step) {
  for (unsigned long capability = 0; capability < 64; capability++) {
    if (number(step, 0) >> capability & 1) continue;
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) continue;
    int error = errno, held = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (held < 0) break;
    if (held) return errno = error, failed_at(context, "");
  }
  return 0;
}

int step_groups(Context& context, const Step& step) {
  gid_t groups[64];
  uint64_t count = length(step, 0);
  if (count > sizeof groups / sizeof *groups) return errno = EINVAL, failed_at(context, "");
  const Field* fields = list(context, step, 0);
  for (uint64_t i = 0; i < count; i++) groups[i] = static_cast<gid_t>(fields[i].value);
  return syscall(SYS_setgroups, count, groups) == 0 ? 0 : failed_at(context, "");
}

int step_gid(Context& context, const Step& step) {
  gid_t gid = static_cast<gid_t>(number(step, 0));
  return syscall(SYS_setresgid, gid, gid, gid) == 0 ? 0 : failed_at(context, "");
}

int step_uid(Context& context, const Step& step) {
  uid_t uid = static_cast<uid_t>(number(step, 0));
  return syscall(SYS_setresuid, uid, uid, uid) == 0 ? 0 : failed_at(context, "");
}

int step_capabilities(Context& context, const Step& step) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2];
  for (int half = 0; half < 2; half++) {
    data[half].effective = static_cast<uint32_t>(number(step, 0) >> (32 * half));
    data[half].permitted = static_cast<uint32_t>(number(step, 1) >> (32 * half));
    data[half].inheritable = static_cast<uint32_t>(number(step, 2) >> (32 * half));
  }
  return syscall(SYS_capset, &header, data) == 0 ? 0 : failed_at(context, "");
}

int step_ambientSet(Context& context, const Step& step) {
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) return failed_at(context, "");
  for (unsigned long capability = 0; capability < 64; capability++) {
    if (!(number(step, 0) >> capability & 1)) continue;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0) return failed_at(context, "");
  }
  return 0;
}

int step_noNewPrivs(Context& context, const Step&) {
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : failed_at(context, "");
}

int step_seccomp(Context& context, const Step& step) {
  struct sock_fprog program = {
      static_cast<unsigned short>(length(step, 0) / sizeof(sock_filter)),
      const_cast<sock_filter*>(reinterpret_cast<const sock_filter*>(text(context, step, 0))),
  };
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, number(step, 1), &program) == 0 ? 0 : failed_at(context, "");
}

}  // namespace ring3
