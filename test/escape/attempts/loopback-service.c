/*
 * Idea: services that listen on 127.0.0.1 "are only reachable from this machine", and often ask for no password.
 * Incident: CVE-2020-8558 (Kubernetes: host services on 127.0.0.1 reachable by neighbours); databases, dev servers.
 * Success: connected to the host's loopback, by IPv4.
 * Usage: loopback-service PORT
 */
#include "attempt.h"
#include <arpa/inet.h>
#include <netinet/in.h>

int main(int argc, char **argv) {
  int port = atoi(argument(argc, argv, 1, "a TCP port on 127.0.0.1"));
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int end = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (end < 0) stopped("socket");
  else if (connect(end, (struct sockaddr *)&address, sizeof address) == 0) escaped("connected to port %d", port);
  else stopped("connect 127.0.0.1:%d", port);
  contained();
}
