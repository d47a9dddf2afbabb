/*
 * Idea: kexec_load(2) replaces the running kernel.
 * Incident: on every default filter's list; also the way around Secure Boot lockdown (CVE-2020-10713's neighbours).
 * Success: the call gets past the question whether we may, and complains of our impossible flags (EINVAL) instead.
 * Usage: kexec
 */
#include "attempt.h"

int main(void) {
  syscall(SYS_kexec_load, 0ul, 1ul, NULL, 0xffffffffful);
  if (errno == EINVAL) escaped("kexec_load only minds the flags");
  stopped("kexec_load");
#ifdef SYS_kexec_file_load
  syscall(SYS_kexec_file_load, -1, -1, 0ul, NULL, 0xffffffffful);
  if (errno == EINVAL || errno == EBADF) escaped("kexec_file_load only minds its arguments");
  stopped("kexec_file_load");
#endif
  contained();
}
