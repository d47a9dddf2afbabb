/*
 * Idea: x32 calls have the same architecture as native ones, and numbers with bit 30 set: a deny list of plain
 * numbers does not match them.
 * Incident: seccomp(2), "x86-64 and x32"; CVE-2015-2830 and several sandboxes' first filters.
 * Success: an x32 getpid answers. (Many kernels are built, or started, without x32.)
 * Usage: x32-calls
 */
#include "attempt.h"

static void get_pid(void) {
#if defined(__x86_64__)
  if (syscall(0x40000000 | SYS_getpid) == getpid()) _exit(0);
#else
  errno = ENOEXEC;
#endif
}

int main(void) {
  if (in_child("x32 getpid", get_pid) == 0) escaped("an x32 call went past the filter");
  contained();
}
