/*
 * Idea: the memory of the kernel (and so of everybody) as a file: /proc/kcore, /dev/mem, /dev/port.
 * Incident: the classic of every rootkit; kcore is the first of all masked paths.
 * Success: one of them can be read.
 * Usage: kernel-memory
 */
#include "attempt.h"

int main(void) {
  const char *files[] = {"/proc/kcore", "/proc/self/root/proc/kcore", "/dev/mem", "/dev/kmem",
                         "/proc/vmcore"};
  char line[64];
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    if (read_line_at(AT_FDCWD, files[i], line, sizeof line) == 0) escaped("%s can be read", files[i]);
    stopped("read %s", files[i]);
  }
  /* Reading a port can already make a device do something: opening is enough. */
  int ports = open("/dev/port", O_RDONLY | O_CLOEXEC);
  if (ports >= 0) escaped("/dev/port opens");
  stopped("open /dev/port");
  contained();
}
