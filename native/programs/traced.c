// Makes known system calls, one of each kind that a trace decodes, between two calls of getppid: what it prints is what
// a tracer should say of it. With an argument it makes calls that no kernel has.
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void ignore(int number) { (void)number; }

static void files(void) {
  char bytes[64];
  struct stat status;
  int missing = open("/no/such/file", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  (void)missing;
  int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
  fstat(fd, &status);
  lstat("/proc/self", &status);
  stat("/dev/null", &status);
  if (read(fd, bytes, sizeof bytes) < 0) _exit(1);
  if (pread(fd, bytes, 4, 2) < 0) _exit(1);
  lseek(fd, 5, SEEK_SET);
  fcntl(fd, F_GETFD);
  fcntl(fd, F_SETFD, 0);
  fcntl(fd, F_DUPFD_CLOEXEC, 100);
  close(100);
  close(fd);
  close(fd);
  faccessat(AT_FDCWD, "/etc/passwd", R_OK | W_OK, 0);
  unlink("/no/such/file");
}

static void pipes(void) {
  int ends[2];
  char bytes[16];
  struct iovec parts[] = {{"one\t", 4}, {"two\n", 4}};
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK)) _exit(1);
  if (read(ends[0], bytes, sizeof bytes) >= 0) _exit(1);
  if (writev(ends[1], parts, 2) != 8) _exit(1);
  struct pollfd polled = {ends[0], POLLIN, 0};
  poll(&polled, 1, -1);
  if (read(ends[0], bytes, sizeof bytes) != 8) _exit(1);
  poll(&polled, 1, 0);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {EPOLLOUT | EPOLLET, {.u32 = 7}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, ends[1], &event);
  epoll_wait(epoll, &event, 1, 0);
  close(epoll);
  close(ends[0]);
  close(ends[1]);
}

static void memory(void) {
  char *place = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(place, 4096, PROT_NONE);
  madvise(place + 4096, 4096, MADV_DONTNEED);
  munmap(place, 8192);
}

static void sockets(void) {
  int pair[2];
  int on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) _exit(1);
  sendto(pair[0], "hello", 5, MSG_NOSIGNAL, NULL, 0);
  shutdown(pair[0], SHUT_WR);
  close(pair[0]);
  close(pair[1]);
  int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  bind(fd, (struct sockaddr *)&address, sizeof address);
  listen(fd, 5);
  close(fd);
}

static void signals_and_time(void) {
  struct sigaction action = {.sa_handler = ignore, .sa_flags = SA_RESTART};
  sigset_t set;
  struct timespec brief = {0, 1000000};
  struct rlimit limit;
  sigaction(SIGUSR1, &action, NULL);
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, NULL);
  kill(getpid(), SIGUSR1);
  sigprocmask(SIG_SETMASK, NULL, &set);
  clock_nanosleep(CLOCK_MONOTONIC, 0, &brief, NULL);
  prlimit(0, RLIMIT_CORE, NULL, &limit);
}

static void children(void) {
  int status;
  pid_t child = vfork();
  if (child == 0) _exit(3);
  waitpid(child, &status, 0);
  waitpid(-1, &status, WNOHANG);
}

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) {
    for (int again = 0; again < 2; again++) syscall(500);
    return 0;
  }
  getppid();
  files();
  pipes();
  memory();
  sockets();
  signals_and_time();
  children();
  getppid();
  return 0;
}
