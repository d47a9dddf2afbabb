/*
 * Idea: process_vm_readv(2) copies the memory of any process that we could debug, without stopping it.
 * Incident: the call is on every list of calls to refuse since it appeared; secrets live in memory.
 * Success: the outsider's secret is read.
 * Usage: read-memory PID ADDRESS
 */
#include "attempt.h"
#include <sys/uio.h>

int main(int argc, char **argv) {
  const char *outsider = argument(argc, argv, 1, "the process id of an outsider");
  unsigned long address = strtoul(argument(argc, argv, 2, "an address in it"), NULL, 0);
  char secret[64] = "", path[64];
  struct iovec here = {secret, sizeof secret - 1}, there = {(void *)address, sizeof secret - 1};
  if (process_vm_readv(atoi(outsider), &here, 1, &there, 1, 0) > 0) escaped("read \"%s\"", secret);
  stopped("process_vm_readv");
  snprintf(path, sizeof path, "/proc/%s/mem", outsider);
  int memory = open(path, O_RDONLY | O_CLOEXEC);
  if (memory >= 0 && pread(memory, secret, sizeof secret - 1, address) > 0) escaped("read \"%s\" from %s", secret, path);
  stopped("read %s", path);
  contained();
}
