/*
 * Idea: an abstract unix socket has a name and no file: no root, mask or read-only mount hides it. It belongs to the
 * network namespace.
 * Incident: CVE-2020-15257: containerd-shim listened on one, and containers with --net=host could tell it to start
 * anything; X11's @/tmp/.X11-unix/X0; older D-Bus sessions.
 * Success: connected to a listener of the host.
 * Usage: abstract-socket NAME
 */
#include "attempt.h"
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv) {
  const char *name = argument(argc, argv, 1, "name of an abstract socket");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path + 1, name, strnlen(name, sizeof address.sun_path - 1));
  socklen_t length = offsetof(struct sockaddr_un, sun_path) + 1 + strnlen(name, sizeof address.sun_path - 1);
  int end = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (end < 0) stopped("socket");
  else if (connect(end, (struct sockaddr *)&address, length) == 0) escaped("connected to @%s", name);
  else stopped("connect @%s", name);
  contained();
}
