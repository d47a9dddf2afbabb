/*
 * Idea: io_uring's ring carries calls (openat, connect, unlink …) that no seccomp filter ever sees.
 * Incident: CVE-2022-29582, CVE-2023-2598; 60 % of the exploits sent to Google's kernel bounty in 2022 used it.
 * Success: a ring can be set up.
 * Usage: io-uring
 */
#include "attempt.h"
#include <linux/io_uring.h>

int main(void) {
  struct io_uring_params params = {0};
  if (syscall(SYS_io_uring_setup, 2, &params) >= 0) escaped("an io_uring was set up");
  stopped("io_uring_setup");
  if (syscall(SYS_io_uring_register, -1, IORING_REGISTER_PROBE, NULL, 0) >= 0) escaped("io_uring_register works");
  stopped("io_uring_register");
  contained();
}
