/*
 * Idea: reboot(2).
 * Incident: in the host's pid namespace it turns the machine off; in another it kills that namespace's init.
 * Success: the call gets past the question whether we may, and complains of our impossible magic numbers (EINVAL).
 * Usage: reboot
 */
#include "attempt.h"

int main(void) {
  syscall(SYS_reboot, 0, 0, 0, NULL);
  if (errno == EINVAL) escaped("reboot only minds the magic numbers");
  stopped("reboot");
  contained();
}
