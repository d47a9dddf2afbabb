/*
 * The outsider that attempts are aimed at: an ordinary process of the same user, outside of the sandbox, with
 * something worth stealing everywhere: in its memory, an open file, its environment, two kinds of shared memory, and
 * listening on an abstract socket, a socket with a file, and a port.
 *
 * Usage: bystander NAME SECRET SOCKET... Prints one line of JSON when everything is in place; ends, and removes what it
 * made, when its standard input ends.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char secret[64];

static void listen_unix(const char *name, int abstract) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path + abstract, name, sizeof address.sun_path - 2);
  socklen_t length = offsetof(struct sockaddr_un, sun_path) + abstract + strlen(name) + !abstract;
  int end = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (!abstract) unlink(name);
  if (bind(end, (struct sockaddr *)&address, length) < 0 || listen(end, 8) < 0) err(1, "listen on %s", name);
  if (!abstract && chmod(name, 0777) < 0) err(1, "chmod %s", name);
}

static int listen_port(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int end = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(end, (struct sockaddr *)&address, length) < 0 || listen(end, 64) < 0) err(1, "listen on 127.0.0.1");
  getsockname(end, (struct sockaddr *)&address, &length);
  return ntohs(address.sin_port);
}

int main(int argc, char **argv) {
  if (argc < 3) errx(2, "usage: bystander NAME SECRET SOCKET...");
  const char *name = argv[1];
  char path[128];
  strncpy(secret, argv[2], sizeof secret - 1);
  prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY); /* where Yama is, our own user may still debug us */

  key_t key = 0x72330000 | (getpid() & 0xffff);
  int segment = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0666);
  if (segment < 0) err(1, "shmget");
  strcpy(shmat(segment, NULL, 0), secret);
  snprintf(path, sizeof path, "/%s", name);
  int shared = shm_open(path, O_CREAT | O_EXCL | O_RDWR, 0666);
  if (shared < 0 || fchmod(shared, 0666) < 0) err(1, "shm_open");
  dprintf(shared, "%s\n", secret);

  listen_unix(name, 1);
  for (int i = 3; i < argc; i++) listen_unix(argv[i], 0);
  printf("{\"pid\":%d,\"address\":\"%p\",\"descriptor\":%d,\"key\":%d,\"shared\":\"%s\",\"port\":%d}\n", getpid(),
         (void *)secret, shared, key, name, listen_port());
  fflush(stdout);

  while (read(0, path, sizeof path) > 0) continue;
  shmctl(segment, IPC_RMID, NULL);
  shm_unlink(argv[1]);
  for (int i = 3; i < argc; i++) unlink(argv[i]);
  return 0;
}
