/*
 * Idea: under WSL, a socket in /run/WSL (its path is in WSL_INTEROP), or a vsock, starts Windows programs as the
 * Windows user, outside of anything that Linux confines.
 * Incident: by design; every Linux sandbox on WSL2 that leaves /run/WSL in sight has this hole.
 * Success: connected to an interop socket.
 * Usage: wsl-interop
 */
#include "attempt.h"
#include <glob.h>
#include <sys/socket.h>
#include <sys/un.h>

static void call(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int end = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (end >= 0 && connect(end, (struct sockaddr *)&address, sizeof address) == 0) escaped("connected to %s", path);
  stopped("connect %s", path);
}

int main(void) {
  const char *named = getenv("WSL_INTEROP");
  glob_t found;
  if (named) call(named);
  if (glob("/run/WSL/*_interop", 0, NULL, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; i++) call(found.gl_pathv[i]);
  errno = ENOENT;
  stopped("search /run/WSL");
  contained();
}
