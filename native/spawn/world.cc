// Steps that need one system call or two: names, loopback, limits, sessions, terminals.
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "context.h"
#include "paths.h"
#include "sys.h"

namespace ring3 {

int step_hostname(Context& context, const Step& step) {
  const char* name = text(context, step, 0);
  return sethostname(name, length(step, 0)) == 0 ? 0 : failed_at(context, name);
}

int step_domainname(Context& context, const Step& step) {
  const char* name = text(context, step, 0);
  return setdomainname(name, length(step, 0)) == 0 ? 0 : failed_at(context, name);
}

int step_loopback(Context& context, const Step&) {
  Fd socket_fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  struct ifreq request = {};
  strcpy(request.ifr_name, "lo");
  if (socket_fd.value < 0 || ioctl(socket_fd.value, SIOCGIFFLAGS, &request) < 0) return failed_at(context, "lo");
  request.ifr_flags |= IFF_UP | IFF_RUNNING;
  return ioctl(socket_fd.value, SIOCSIFFLAGS, &request) == 0 ? 0 : failed_at(context, "lo");
}

int step_rlimit(Context& context, const Step& step) {
  struct rlimit limit = {number(step, 1), number(step, 2)};
  if (setrlimit(static_cast<__rlimit_resource>(number(step, 0)), &limit) == 0) return 0;
  return failed_at(context, "");
}

int step_umask(Context& context, const Step& step) {
  context.umask = static_cast<unsigned>(number(step, 0));
  return 0;
}

int step_session(Context& context, const Step&) {
  // A child of clone is no group leader unless the plan has already made it one; then the session is there.
  return setsid() >= 0 || getsid(0) == getpid() ? 0 : failed_at(context, "");
}

int step_parentDeathSignal(Context& context, const Step& step) {
  return prctl(PR_SET_PDEATHSIG, number(step, 0), 0, 0, 0) == 0 ? 0 : failed_at(context, "");
}

int step_closeDescriptors(Context& context, const Step& step) {
  constexpr unsigned kCloexec = 1U << 2;  // CLOSE_RANGE_CLOEXEC
  unsigned from = static_cast<unsigned>(number(step, 0));
  if (sys::close_range(from, ~0U, kCloexec) == 0) return 0;
  if (errno != ENOSYS && errno != EINVAL) return failed_at(context, "");
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  for (rlim_t fd = from; fd < limit.rlim_cur; fd++) fcntl(static_cast<int>(fd), F_SETFD, FD_CLOEXEC);
  return 0;
}

// The pty belongs to the child's own devpts, so that its name means something inside (ptsname(3)).
int step_terminal(Context& context, const Step& step) {
  Fd master(open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
  int unlock = 0;
  if (master.value < 0 || ioctl(master.value, TIOCSPTLCK, &unlock) < 0) return failed_at(context, "/dev/pts/ptmx");
  Fd slave(ioctl(master.value, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (slave.value < 0) return failed_at(context, "/dev/pts");
  struct winsize size = {};
  size.ws_row = static_cast<unsigned short>(number(step, 0));
  size.ws_col = static_cast<unsigned short>(number(step, 1));
  ioctl(slave.value, TIOCSWINSZ, &size);
  if (setsid() < 0 && getsid(0) != getpid()) return failed_at(context, "setsid");
  if (ioctl(slave.value, TIOCSCTTY, 0) < 0) return failed_at(context, "TIOCSCTTY");
  for (int fd = 0; fd <= 2; fd++) {
    if (dup2(slave.value, fd) < 0) return failed_at(context, "dup2");
  }
  return send_descriptor(kConsoleFd, master.value) ? 0 : failed_at(context, "console socket");
}

int step_joined(Context& context, const Step& step) {
  if (!await_parent(context.joined_fd)) _exit(127);
  if (!number(step, 0)) return 0;
  return unshare(CLONE_NEWCGROUP) == 0 ? 0 : failed_at(context, "cgroup namespace");
}

}  // namespace ring3
