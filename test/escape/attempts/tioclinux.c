/*
 * Idea: on a virtual console, ioctl(TIOCLINUX) selects text on the screen and pastes it: typing, once more, after
 * TIOCSTI was forbidden.
 * Incident: CVE-2023-28339 (doas), CVE-2023-1523 (snapd).
 * Success: the ioctl is accepted on any terminal in sight. Asks only for the state of the shift keys (subcode 6).
 * Usage: tioclinux [TERMINAL...]
 */
#include "attempt.h"
#include <sys/ioctl.h>

static void ask(int terminal, const char *name) {
  static const unsigned long requests[] = {TIOCLINUX, TIOCLINUX | 1ul << 32};
  for (size_t i = 0; i < 2; i++) {
    char subcode = 6;
    if (syscall(SYS_ioctl, terminal, requests[i], &subcode) >= 0) escaped("TIOCLINUX works on %s", name);
    stopped("ioctl(%s, %#lx)", name, requests[i]);
  }
}

int main(int argc, char **argv) {
  for (int descriptor = 0; descriptor < 3; descriptor++)
    if (isatty(descriptor)) ask(descriptor, "an inherited terminal");
  for (int i = 1; i < argc; i++) {
    int terminal = open(argv[i], O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (terminal >= 0) ask(terminal, argv[i]);
    else stopped("open %s", argv[i]);
  }
  contained();
}
