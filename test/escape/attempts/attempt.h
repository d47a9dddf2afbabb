/*
 * What every attempt in this folder shares: how it reports.
 *
 * An attempt ends in exactly one of three ways, and the test reads nothing else:
 *   exit 0, "escaped: ..."    it worked, and what it got hold of
 *   exit 1, "contained: ..."  it did not, and which call answered what
 *   exit 2, "missing: ..."    it could not even be tried: a precondition that it names
 */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))
#define PRINTF(at, first) __attribute__((format(printf, at, first)))

static char reasons[4096];

/* Exit 0: the attempt worked. */
UNUSED PRINTF(1, 2) __attribute__((noreturn)) static void escaped(const char *format, ...) {
  va_list args;
  va_start(args, format);
  fputs("escaped: ", stdout);
  vprintf(format, args);
  putchar('\n');
  exit(0);
}

/* One way did not work: remember which call, and what errno says now. */
UNUSED PRINTF(1, 2) static void stopped(const char *format, ...) {
  const char *name = strerrorname_np(errno);
  size_t used = strlen(reasons);
  va_list args;
  va_start(args, format);
  used += snprintf(reasons + used, sizeof reasons - used, used ? "; " : "");
  if (used < sizeof reasons) used += vsnprintf(reasons + used, sizeof reasons - used, format, args);
  if (used < sizeof reasons) snprintf(reasons + used, sizeof reasons - used, ": %s", name ? name : "?");
  va_end(args);
}

/* Exit 1: no way worked; says what stopped each one that was tried. */
UNUSED __attribute__((noreturn)) static void contained(void) {
  printf("contained: %s\n", reasons[0] ? reasons : "nothing to attack was in sight");
  exit(1);
}

/* Exit 2: the host, or whoever started us, did not provide what the attempt needs. */
UNUSED PRINTF(1, 2) __attribute__((noreturn)) static void missing(const char *format, ...) {
  va_list args;
  va_start(args, format);
  fputs("missing: ", stdout);
  vprintf(format, args);
  putchar('\n');
  exit(2);
}

/* The nth argument, or exit 2 naming it. */
UNUSED static const char *argument(int argc, char **argv, int n, const char *what) {
  if (n >= argc) missing("argument %d: %s", n, what);
  return argv[n];
}

/* The first line of what `path` names below `directory` (or AT_FDCWD); 0 when it could be read, else -1 and errno. */
UNUSED static int read_line_at(int directory, const char *path, char *line, size_t size) {
  int file = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return -1;
  ssize_t got = read(file, line, size - 1);
  int error = errno;
  close(file);
  errno = got == 0 ? ENODATA : error;
  if (got <= 0) return -1;
  line[got] = '\0';
  line[strcspn(line, "\n")] = '\0';
  return 0;
}

/* Walk up from the working directory as far as it goes: past a chroot that we are outside of, to the real root. */
UNUSED static void climb(void) {
  for (int level = 0; level < 64; level++)
    if (chdir("..") < 0) return;
}

/* A mask over a file is /dev/null: it opens, and leads nowhere. */
UNUSED static int is_nothing(int file) {
  struct stat status;
  return fstat(file, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

/* Opening is enough to prove the right to write: nothing is ever written. Exits 0 when it opens. */
UNUSED static void open_for_writing(const char *path) {
  int file = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
  if (file >= 0 && !is_nothing(file)) escaped("%s opens for writing", path);
  if (file >= 0) errno = ENODATA;
  stopped("open %s", path);
}

/* Run `body` in a child, so that a seccomp filter that kills is an answer too. 0 when it exited 0; notes why not. */
UNUSED static int in_child(const char *what, void (*body)(void)) {
  fflush(stdout);
  pid_t child = fork();
  if (child < 0) {
    stopped("fork");
    return -1;
  }
  if (child == 0) {
    body();
    _exit(errno ? errno : 255);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
  if (WIFEXITED(status)) errno = WEXITSTATUS(status);
  if (WIFEXITED(status)) stopped("%s", what);
  if (WIFSIGNALED(status)) {
    errno = EINTR;
    stopped("%s: killed by signal %d (%s)", what, WTERMSIG(status), sigabbrev_np(WTERMSIG(status)));
  }
  return -1;
}

#endif
