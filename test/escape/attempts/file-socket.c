/*
 * Idea: a unix socket with a file is reached by path alone: no network namespace is in the way, and a read-only
 * mount does not stop connect(2). Docker's socket is root on the host; the session bus starts programs.
 * Incident: a mounted docker.sock is the most common container escape there is; CVE-2021-41091's neighbourhood.
 * Success: connected to a listener of the host.
 * Usage: file-socket PATH...
 */
#include "attempt.h"
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv) {
  argument(argc, argv, 1, "path of a unix socket");
  for (int i = 1; i < argc; i++) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, argv[i], sizeof address.sun_path - 1);
    int end = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (end >= 0 && connect(end, (struct sockaddr *)&address, sizeof address) == 0) escaped("connected to %s", argv[i]);
    stopped("connect %s", argv[i]);
  }
  contained();
}
