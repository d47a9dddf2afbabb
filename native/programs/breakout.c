/*
 * breakout ATTEMPT…: one who was told that he is root and does not believe in his walls. Each ATTEMPT is `verb:argument`;
 * it is made in a process of its own, and answered in a line: `ok`, `ok TEXT`, or the name of the error. Then `done`; and
 * until its standard input ends he stays, so that he can be looked at from outside.
 *
 *   read:PATH        the first bytes of a file             write:PATH     make or open it for writing, write a byte
 *   list:DIR         names, sorted                         open:PATH      for reading, without waiting
 *   cwd:             what getcwd(2) says                   pty:           a new terminal's name, by /dev/ptmx
 *   mknod:PATH       a device node, as /dev/null           climb:PATH     read from far above the working directory
 *   chroot:DIR:PATH  change the root to DIR while standing outside of it, climb, and read PATH
 *   fds:PATH         climb from every open descriptor      unmount:PATH   take away what is mounted there
 *   remount:PATH     make it writable again                proc:DIR       mount a proc there, and read its first pid
 *   user:ATTEMPT     the same as root of a user namespace of one's own
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT = 2000, HEIGHT = 64, DESCRIPTORS = 1024 };

static char text[TEXT];

static void say(const char *word, const char *rest) {
  for (char *at = text; *at; at++)
    if (*at < ' ' || *at > '~') *at = '?';
  printf("%s%s%s\n", word, *rest ? " " : "", rest);
  fflush(stdout);
}

static int answer(int result) {
  if (result < 0)
    say(strerrorname_np(errno), "");
  else
    say("ok", text);
  return 0;
}

static int read_at(int folder, const char *path) {
  int fd = openat(folder, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t size = read(fd, text, 200);
  if (size < 0) return -1;
  text[size] = '\0';
  /* Zeros are bytes too: /dev/zero must not look empty. */
  for (ssize_t i = 0; i < size; i++)
    if (text[i] == '\0') text[i] = '0';
  if (size && text[size - 1] == '\n') text[size - 1] = '\0';
  return 0;
}

static int read_above(int folder, const char *path) {
  char far[HEIGHT * 3 + 4096];
  char *end = far;
  for (int i = 0; i < HEIGHT; i++) end = stpcpy(end, "../");
  snprintf(end, sizeof far - HEIGHT * 3, "%s", path);
  return read_at(folder, far);
}

static int do_read(const char *path) { return read_at(AT_FDCWD, path); }

static int do_open(const char *path) { return open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC); }

static int do_write(const char *path) {
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return -1;
  return write(fd, "x", 1) == 1 ? 0 : -1;
}

static int do_list(const char *path) {
  struct dirent **names;
  int count = scandir(path, &names, NULL, alphasort);
  if (count < 0) return -1;
  for (int i = 0; i < count; i++) {
    const char *name = names[i]->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
    if (strlen(text) + strlen(name) + 2 < TEXT) strcat(strcat(text, *text ? " " : ""), name);
  }
  return 0;
}

static int do_cwd(const char *unused) {
  (void)unused;
  /* Not getcwd(3), which hides the kernel's "(unreachable)". */
  return (int)syscall(SYS_getcwd, text, TEXT);
}

static int do_pty(const char *unused) {
  (void)unused;
  int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (fd < 0 || unlockpt(fd) < 0 || ptsname_r(fd, text, TEXT) != 0) return -1;
  return open(text, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static int do_mknod(const char *path) { return mknod(path, S_IFCHR | 0666, makedev(1, 3)); }

static int do_climb(const char *path) { return read_above(AT_FDCWD, path); }

static int do_chroot(const char *arguments) {
  char folder[1024];
  const char *colon = strchr(arguments, ':');
  if (!colon || (size_t)(colon - arguments) >= sizeof folder) return errno = EINVAL, -1;
  snprintf(folder, (size_t)(colon - arguments) + 1, "%s", arguments);
  if (chdir("/") < 0 || chroot(folder) < 0) return -1;
  for (int i = 0; i < HEIGHT; i++)
    if (chdir("..") < 0) return -1;
  if (chroot(".") < 0) return -1;
  return do_read(colon + 1);
}

static int do_fds(const char *path) {
  for (int fd = 3; fd < DESCRIPTORS; fd++)
    if (read_above(fd, path) == 0) return 0;
  return errno = ENOENT, -1;
}

static int do_unmount(const char *path) { return umount2(path, MNT_DETACH); }

static int do_remount(const char *path) { return mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL); }

static int do_proc(const char *folder) {
  if (mount("proc", folder, "proc", 0, NULL) < 0) return -1;
  snprintf(text, TEXT, "mounted");
  return 0;
}

static int attempt(const char *what);

static int write_file(const char *path, const char *value) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  ssize_t size = fd < 0 ? -1 : write(fd, value, strlen(value));
  if (fd >= 0) close(fd);
  return size < 0 ? -1 : 0;
}

/* A pid namespace too, or no proc may be mounted; its first process is the next one. */
static int as_user(const char *what) {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) < 0) return answer(-1);
  write_file("/proc/self/setgroups", "deny");
  write_file("/proc/self/uid_map", "0 0 1");
  write_file("/proc/self/gid_map", "0 0 1");
  pid_t child = fork();
  if (child < 0) return answer(-1);
  if (child == 0) _exit(attempt(what));
  return waitpid(child, NULL, 0) < 0;
}

static int attempt(const char *what) {
  static const struct {
    const char *verb;
    int (*act)(const char *);
  } acts[] = {
      {"read:", do_read},     {"write:", do_write}, {"list:", do_list},       {"open:", do_open},
      {"cwd:", do_cwd},       {"pty:", do_pty},     {"mknod:", do_mknod},     {"climb:", do_climb},
      {"chroot:", do_chroot}, {"fds:", do_fds},     {"unmount:", do_unmount}, {"remount:", do_remount},
      {"proc:", do_proc},
  };
  if (strncmp(what, "user:", 5) == 0) return as_user(what + 5);
  for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
    size_t length = strlen(acts[i].verb);
    if (strncmp(what, acts[i].verb, length) == 0) return answer(acts[i].act(what + length));
  }
  errno = EINVAL;
  return answer(-1);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    pid_t child = fork();
    if (child == 0) _exit(attempt(argv[i]));
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0) say("died", "");
  }
  text[0] = '\0';
  say("done", "");
  while (getchar() != EOF) continue;
  return 0;
}
