/*
 * Idea: on x86-64, `int $0x80` enters the kernel with the numbers of 32-bit Linux. A filter that compares numbers and
 * does not look at the architecture sees some other, harmless call.
 * Incident: seccomp(2) itself warns; CVE-2009-0835 was the same in the old strict mode.
 * Success: getpid (20 there; writev here) answers.
 * Usage: int80-calls
 */
#include "attempt.h"

static void get_pid(void) {
#if defined(__x86_64__)
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
  if (result == getpid()) _exit(0);
  errno = result < 0 && result > -4096 ? -result : EINVAL;
#else
  errno = ENOEXEC;
#endif
}

int main(void) {
  if (in_child("int $0x80 getpid", get_pid) == 0) escaped("a 32-bit call went past the filter");
  contained();
}
