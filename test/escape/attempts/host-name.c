/*
 * Idea: sethostname(2) in the wrong UTS namespace renames the host, which breaks its log-ins and certificates.
 * Incident: "docker run --uts=host".
 * Success: we are in the host's UTS namespace and the call (with the name that it has) is accepted.
 * Usage: host-name NAMESPACE, where NAMESPACE is the host's /proc/self/ns/uts link
 */
#include "attempt.h"

int main(int argc, char **argv) {
  const char *host = argument(argc, argv, 1, "the name of the host's UTS namespace");
  char name[65] = "", ours[64] = "";
  if (readlink("/proc/self/ns/uts", ours, sizeof ours - 1) < 0) stopped("readlink ns/uts");
  if (gethostname(name, sizeof name - 1) < 0) stopped("gethostname");
  if (strcmp(ours, host) == 0 && sethostname(name, strlen(name)) == 0) escaped("the host can be renamed");
  if (sethostname(name, strlen(name)) < 0) stopped("sethostname");
  if (strcmp(ours, host) != 0) errno = EXDEV;
  stopped("reach %s from %s", host, ours);
  contained();
}
