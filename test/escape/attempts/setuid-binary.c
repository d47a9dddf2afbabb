/*
 * Idea: executing a file with the setuid bit changes who we are; every bug of every such file on the host is then a
 * way to become root. (The file that we execute is a copy of ourselves, owned by somebody else.)
 * Incident: CVE-2021-4034 (pkexec), CVE-2019-14287 and CVE-2021-3156 (sudo).
 * Success: after the exec, the effective user id is another one.
 * Usage: setuid-binary FILE
 */
#include "attempt.h"

int main(int argc, char **argv) {
  const char *file = argument(argc, argv, 1, "a file with the setuid bit");
  if (argc == 2) {
    char us[16];
    snprintf(us, sizeof us, "%d", geteuid());
    execl(file, file, file, us, NULL);
    stopped("execve %s", file);
    contained();
  }
  if (geteuid() != (uid_t)atoi(argv[2])) escaped("user id %s became %d", argv[2], geteuid());
  errno = EPERM;
  stopped("the setuid bit was ignored: gain user %s", file);
  contained();
}
