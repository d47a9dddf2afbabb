/*
 * Idea: the kernel's log tells addresses, hardware, and what others do; writing to it forges evidence.
 * Incident: leaks of kernel pointers through dmesg in many exploit chains; runtimes mask /dev/kmsg and syslog(2).
 * Success: the log can be read or written.
 * Usage: kernel-log
 */
#include "attempt.h"
#include <sys/klog.h>

int main(void) {
  char text[256];
  if (klogctl(3 /* SYSLOG_ACTION_READ_ALL */, text, sizeof text) >= 0) escaped("syslog(2) reads the kernel's log");
  stopped("syslog(READ_ALL)");
  if (klogctl(10 /* SYSLOG_ACTION_SIZE_BUFFER */, NULL, 0) >= 0) escaped("syslog(2) tells the log's size");
  stopped("syslog(SIZE_BUFFER)");
  int file = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (file >= 0 && !is_nothing(file)) escaped("/dev/kmsg opens");
  if (file >= 0) errno = ENODATA;
  stopped("open /dev/kmsg");
  file = open("/proc/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (file >= 0 && !is_nothing(file)) escaped("/proc/kmsg opens");
  if (file >= 0) errno = ENODATA;
  stopped("open /proc/kmsg");
  contained();
}
