/* Native code inside the kernel's own process: what can it still do? Loaded as a library, it tries things on the way in, and
 * prints a line for each that has succeeded. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int tried, refused;

/* The result of a call that must fail with EPERM, EACCES or ENOSYS. */
static void expect_refusal(const char *name, long result) {
  tried++;
  if (result < 0 && (errno == EPERM || errno == EACCES || errno == ENOSYS)) refused++;
  else printf("native: %s: %ld (%s)\n", name, result, result < 0 ? strerror(errno) : "success");
}

#define REFUSED(name, ...) expect_refusal(#name, syscall(SYS_##name, __VA_ARGS__))

static void try_processes(void) {
  static char *const argv[] = {"/bin/true", NULL};
  struct { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, size, tls; } args = {.exit_signal = 17};
  REFUSED(execve, "/bin/true", argv, argv);
  REFUSED(execveat, AT_FDCWD, "/bin/true", argv, argv, 0);
  long child = syscall(SYS_clone, 17, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  expect_refusal("clone of a process", child);
  child = syscall(SYS_clone3, &args, sizeof args);
  if (child == 0) _exit(0);
  expect_refusal("clone3", child);
  REFUSED(kill, getppid(), 0);
  REFUSED(tgkill, getppid(), getppid(), 0);
  REFUSED(ptrace, 16, getppid(), 0, 0);
  REFUSED(process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
  REFUSED(pidfd_open, getppid(), 0);
  REFUSED(prlimit64, getppid(), 7, NULL, NULL);
  REFUSED(unshare, CLONE_NEWUSER);
  REFUSED(setuid, 0);
}

static void try_network(void) {
  REFUSED(socket, AF_INET, SOCK_STREAM, 0);
  REFUSED(socket, AF_UNIX, SOCK_STREAM, 0);
  REFUSED(socket, AF_NETLINK, SOCK_RAW, 0);
  int pair[2];
  REFUSED(socketpair, AF_UNIX, SOCK_STREAM, 0, pair);
  struct sockaddr_un address = {AF_UNIX, "/run/docker.sock"};
  REFUSED(connect, 0, &address, sizeof address);
}

static void try_files(void) {
  static const char path[] = "/var/tmp/ring3-should-not-be";
  REFUSED(openat, AT_FDCWD, path, O_WRONLY | O_CREAT, 0600);
  REFUSED(openat, AT_FDCWD, "/etc/passwd", O_WRONLY);
  REFUSED(openat, AT_FDCWD, "/etc/passwd", O_RDWR);
  REFUSED(openat, AT_FDCWD, "/var/tmp", O_TMPFILE | O_RDWR, 0600);
  REFUSED(openat, AT_FDCWD, "/proc/self/mem", O_RDWR);
  struct open_how { uint64_t flags, mode, resolve; } how = {O_WRONLY, 0, 0};
  REFUSED(openat2, AT_FDCWD, "/etc/passwd", &how, sizeof how);
#ifdef SYS_mkdir
  REFUSED(open, path, O_WRONLY | O_CREAT, 0600);
  REFUSED(creat, path, 0600);
  REFUSED(mkdir, path, 0700);
  REFUSED(rename, "/etc/passwd", path);
  REFUSED(unlink, "/etc/passwd");
  REFUSED(symlink, "/", path);
  REFUSED(chmod, "/etc/passwd", 0777);
#endif
  REFUSED(mkdirat, AT_FDCWD, path, 0700);
  REFUSED(mknodat, AT_FDCWD, path, S_IFIFO | 0600, 0);
  REFUSED(fchmodat, AT_FDCWD, "/etc/passwd", 0777);
  REFUSED(fchownat, AT_FDCWD, "/etc/passwd", 0, 0, 0);
  REFUSED(memfd_create, "x", 0);
  REFUSED(mount, "none", "/mnt", "tmpfs", 0, NULL);
  REFUSED(chroot, "/");
  REFUSED(ioctl, 0, 0x5412, "x"); /* TIOCSTI */
}

static void try_kernel(void) {
  struct io_uring_params params = {0};
  REFUSED(io_uring_setup, 8, &params);
  REFUSED(io_uring_register, 4, 0, NULL, 0);
  REFUSED(bpf, 0, NULL, 0);
  REFUSED(perf_event_open, NULL, 0, -1, -1, 0);
  REFUSED(userfaultfd, 0);
  REFUSED(keyctl, 0, 0, 0, 0, 0);
  REFUSED(init_module, NULL, 0, "");
  REFUSED(reboot, 0, 0, 0, NULL);
  REFUSED(seccomp, 1, 0, NULL);
}

/* libuv's own rings: told to do something other than to watch a descriptor. */
static void try_ring(int fd, char *queues, struct io_uring_sqe *entries) {
  volatile uint32_t *words = (volatile uint32_t *)queues; /* sq head, sq tail, cq head, cq tail, sq mask, cq mask */
  uint32_t slot = words[1] & words[4];
  memset(&entries[slot], 0, sizeof *entries);
  entries[slot].opcode = IORING_OP_OPENAT;
  entries[slot].fd = AT_FDCWD;
  entries[slot].addr = (uintptr_t) "/etc/passwd";
  entries[slot].open_flags = O_WRONLY;
  __atomic_store_n(&words[1], words[1] + 1, __ATOMIC_RELEASE);
  syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
  struct io_uring_cqe *done = (struct io_uring_cqe *)(queues + 64) + (words[2] & words[5]);
  if (words[2] == words[3]) return;
  errno = done->res < 0 ? -done->res : 0;
  __atomic_store_n(&words[2], words[2] + 1, __ATOMIC_RELEASE);
  expect_refusal("open by an io_uring", done->res < 0 ? -1 : done->res);
}

static void try_rings(void) {
  for (int fd = 0; fd < 64; fd++) {
    char path[32], target[64] = "", line[512], *parts[2] = {0};
    struct stat status;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (readlink(path, target, sizeof target - 1) < 0 || !strstr(target, "io_uring") || fstat(fd, &status)) continue;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps)) {
      unsigned long from, offset, inode;
      if (strstr(line, "io_uring") && sscanf(line, "%lx-%*x %*s %lx %*s %lu", &from, &offset, &inode) == 3 && inode == status.st_ino)
        parts[offset == IORING_OFF_SQES] = (char *)from;
    }
    if (maps) fclose(maps);
    if (parts[0] && parts[1]) try_ring(fd, parts[0], (struct io_uring_sqe *)parts[1]);
    printf("native: ring\n");
  }
}

__attribute__((constructor)) static void try_all(void) {
  try_processes();
  try_network();
  try_files();
  try_kernel();
  try_rings();
  printf("native: %d of %d refused\n", refused, tried);
  fflush(stdout);
}
