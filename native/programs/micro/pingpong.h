/* One byte there and one byte back between two processes: how soon one wakes when the other has written. */
#ifndef MICRO_PINGPONG_H
#define MICRO_PINGPONG_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "measure.h"

struct end {
  int in, out;
};

static struct end here;
static pid_t echo;

/* Until the other side closes. */
static _Noreturn void answer(struct end side) {
  char byte;
  while (read(side.in, &byte, 1) == 1)
    if (write(side.out, &byte, 1) != 1) break;
  _exit(0);
}

/* The child keeps `there`, we keep `here`: each must hold no copy of what the other closes. */
static void start_echo(struct end there) {
  echo = (pid_t)must("fork", fork());
  if (echo == 0) {
    close(here.in);
    if (here.out != here.in) close(here.out);
    answer(there);
  }
  close(there.in);
  if (there.out != there.in) close(there.out);
}

static void end_echo(void) {
  close(here.in);
  if (here.out != here.in) close(here.out);
  waitpid(echo, NULL, 0);
}

static void start_pipe(void) {
  int ping[2], pong[2];
  must("pipe", pipe(ping));
  must("pipe", pipe(pong));
  here = (struct end){pong[0], ping[1]};
  start_echo((struct end){ping[0], pong[1]});
}

static void start_unix(void) {
  int pair[2];
  must("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  here = (struct end){pair[0], pair[0]};
  start_echo((struct end){pair[1], pair[1]});
}

/* Without it the kernel would hold a byte back until more have come (tcp(7)). */
static void at_once(int connection) {
  int yes = 1;
  must("TCP_NODELAY", setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes));
}

static void start_tcp(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = (int)must("socket", socket(AF_INET, SOCK_STREAM, 0));
  must("bind", bind(listener, (struct sockaddr *)&address, length));
  must("listen", listen(listener, 1));
  must("getsockname", getsockname(listener, (struct sockaddr *)&address, &length));
  int near = (int)must("socket", socket(AF_INET, SOCK_STREAM, 0));
  must("connect", connect(near, (struct sockaddr *)&address, length));
  int far = (int)must("accept", accept(listener, NULL, NULL));
  close(listener);
  at_once(near);
  at_once(far);
  here = (struct end){near, near};
  start_echo((struct end){far, far});
}

static void run_pingpong(long count) {
  char byte = 'p';
  for (long i = 0; i < count; i++) {
    if (write(here.out, &byte, 1) != 1) die("write");
    if (read(here.in, &byte, 1) != 1) die("read");
  }
}

#endif
