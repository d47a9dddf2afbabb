/*
 * Idea: userfaultfd(2) stops the kernel in the middle of copying from our memory for as long as we like: it turns
 * races that nobody wins into races that are always won.
 * Incident: CVE-2016-2384's and CVE-2021-22555's exploits, among dozens.
 * Success: a descriptor is handed out.
 * Usage: userfault
 */
#include "attempt.h"

int main(void) {
  if (syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* UFFD_USER_MODE_ONLY */) >= 0) escaped("userfaultfd for user faults");
  stopped("userfaultfd(USER_MODE_ONLY)");
  if (syscall(SYS_userfaultfd, O_CLOEXEC) >= 0) escaped("userfaultfd for kernel faults");
  stopped("userfaultfd");
  int device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
  if (device >= 0) escaped("/dev/userfaultfd opens");
  stopped("open /dev/userfaultfd");
  contained();
}
