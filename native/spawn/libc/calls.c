/* System calls by their names in the C library; the older ones through those that every architecture has. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "raw.h"

/* The kernel's set of signals has one bit for each of 64; the C library's type is larger. */
enum { SIGNAL_SET = 8 };

/* The one argument that may follow. */
#define OPTIONAL(last, type)     \
  va_list list;                  \
  va_start(list, last);          \
  type optional = va_arg(list, type); \
  va_end(list)

/* Processes. */
void _exit(int status) {
  for (;;) CALL(SYS_exit_group, status);
}
pid_t fork(void) { return (pid_t)CALL(SYS_clone, SIGCHLD); }
int execve(const char *path, char *const argv[], char *const env[]) { return (int)CALL(SYS_execve, path, argv, env); }
pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage) {
  return (pid_t)CALL(SYS_wait4, pid, status, options, usage);
}
pid_t waitpid(pid_t pid, int *status, int options) { return wait4(pid, status, options, NULL); }
pid_t getpid(void) { return (pid_t)CALL(SYS_getpid); }
pid_t setsid(void) { return (pid_t)CALL(SYS_setsid); }
pid_t getsid(pid_t pid) { return (pid_t)CALL(SYS_getsid, pid); }
int unshare(int flags) { return (int)CALL(SYS_unshare, flags); }
int prctl(int option, ...) {
  va_list list;
  long a[4];
  va_start(list, option);
  for (int i = 0; i < 4; i++) a[i] = va_arg(list, long);
  va_end(list);
  return (int)CALL(SYS_prctl, option, a[0], a[1], a[2], a[3]);
}
int getrlimit(__rlimit_resource_t resource, struct rlimit *limit) {
  return (int)CALL(SYS_prlimit64, 0, resource, NULL, limit);
}
int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit) {
  return (int)CALL(SYS_prlimit64, 0, resource, limit, NULL);
}
mode_t umask(mode_t mask) { return (mode_t)CALL(SYS_umask, mask); }
int sethostname(const char *name, size_t size) { return (int)CALL(SYS_sethostname, name, size); }
int setdomainname(const char *name, size_t size) { return (int)CALL(SYS_setdomainname, name, size); }

/* Signals. */
int kill(pid_t pid, int signal) { return (int)CALL(SYS_kill, pid, signal); }
int sigfillset(sigset_t *set) { return memset(set, 0xff, sizeof *set), 0; }
int sigemptyset(sigset_t *set) { return memset(set, 0, sizeof *set), 0; }
int sigprocmask(int how, const sigset_t *set, sigset_t *before) {
  return (int)CALL(SYS_rt_sigprocmask, how, set, before, SIGNAL_SET);
}
int sigwaitinfo(const sigset_t *set, siginfo_t *info) {
  return (int)CALL(SYS_rt_sigtimedwait, set, info, NULL, SIGNAL_SET);
}
/* For SIG_DFL and SIG_IGN only: a handler would need a way back (sigreturn(2)). */
int sigaction(int signal, const struct sigaction *action, struct sigaction *before) {
  struct {
    long handler, flags, restorer, mask;
  } kernels = {(long)action->sa_handler, 0, 0, 0};
  (void)before;
  return (int)CALL(SYS_rt_sigaction, signal, &kernels, NULL, SIGNAL_SET);
}

/* Files and descriptors. */
int open(const char *path, int flags, ...) {
  OPTIONAL(flags, unsigned);
  return (int)CALL(SYS_openat, AT_FDCWD, path, flags, optional);
}
int openat(int folder, const char *path, int flags, ...) {
  OPTIONAL(flags, unsigned);
  return (int)CALL(SYS_openat, folder, path, flags, optional);
}
int fcntl(int fd, int command, ...) {
  OPTIONAL(command, long);
  return (int)CALL(SYS_fcntl, fd, command, optional);
}
int ioctl(int fd, unsigned long request, ...) {
  OPTIONAL(request, long);
  return (int)CALL(SYS_ioctl, fd, request, optional);
}
int close(int fd) { return (int)CALL(SYS_close, fd); }
int dup2(int from, int to) { return from == to ? from : (int)CALL(SYS_dup3, from, to, 0); }
ssize_t read(int fd, void *data, size_t size) { return CALL(SYS_read, fd, data, size); }
ssize_t write(int fd, const void *data, size_t size) { return CALL(SYS_write, fd, data, size); }
int pipe2(int fds[2], int flags) { return (int)CALL(SYS_pipe2, fds, flags); }
int inotify_init1(int flags) { return (int)CALL(SYS_inotify_init1, flags); }
int inotify_add_watch(int fd, const char *path, uint32_t events) {
  return (int)CALL(SYS_inotify_add_watch, fd, path, events);
}
int poll(struct pollfd *fds, nfds_t count, int milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
  return (int)CALL(SYS_ppoll, fds, count, milliseconds < 0 ? NULL : &time, NULL, SIGNAL_SET);
}
int fstat(int fd, struct stat *status) { return (int)CALL(SYS_fstat, fd, status); }
int fchmod(int fd, mode_t mode) { return (int)CALL(SYS_fchmod, fd, mode); }
int fchmodat(int folder, const char *path, mode_t mode, int flags) {
  (void)flags;
  return (int)CALL(SYS_fchmodat, folder, path, mode);
}
int mkdir(const char *path, mode_t mode) { return (int)CALL(SYS_mkdirat, AT_FDCWD, path, mode); }
int mkdirat(int folder, const char *path, mode_t mode) { return (int)CALL(SYS_mkdirat, folder, path, mode); }
int rmdir(const char *path) { return (int)CALL(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR); }
int symlinkat(const char *target, int folder, const char *path) {
  return (int)CALL(SYS_symlinkat, target, folder, path);
}
int chdir(const char *path) { return (int)CALL(SYS_chdir, path); }
int fchdir(int folder) { return (int)CALL(SYS_fchdir, folder); }
int chroot(const char *path) { return (int)CALL(SYS_chroot, path); }
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *options) {
  return (int)CALL(SYS_mount, source, target, type, flags, options);
}
int umount2(const char *target, int flags) { return (int)CALL(SYS_umount2, target, flags); }

/* Memory and time. */
void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
  return (void *)CALL(SYS_mmap, at, size, protection, flags, fd, offset);
}
int nanosleep(const struct timespec *time, struct timespec *left) { return (int)CALL(SYS_nanosleep, time, left); }

/* Sockets. */
int socket(int domain, int type, int protocol) { return (int)CALL(SYS_socket, domain, type, protocol); }
int socketpair(int domain, int type, int protocol, int fds[2]) {
  return (int)CALL(SYS_socketpair, domain, type, protocol, fds);
}
ssize_t recv(int fd, void *data, size_t size, int flags) { return CALL(SYS_recvfrom, fd, data, size, flags, NULL, NULL); }
ssize_t recvmsg(int fd, struct msghdr *message, int flags) { return CALL(SYS_recvmsg, fd, message, flags); }
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) { return CALL(SYS_sendmsg, fd, message, flags); }
