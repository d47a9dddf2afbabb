/*
 * Idea: the terminals of the host's users are files in /dev/pts; writing to one shows whatever we like (escape
 * sequences included), reading from one steals keystrokes.
 * Incident: CVE-2025-52565 (runc: /dev/console of the image's choosing), the old write(1) and mesg(1) problem.
 * Success: a terminal that belongs to the host opens.
 * Usage: host-terminal PATH...
 */
#include "attempt.h"

int main(int argc, char **argv) {
  argument(argc, argv, 1, "path of a terminal of the host");
  for (int i = 1; i < argc; i++) {
    int terminal = open(argv[i], O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (terminal >= 0 && isatty(terminal)) {
      dprintf(terminal, "hello from inside\n");
      escaped("%s opens", argv[i]);
    }
    stopped("open %s", argv[i]);
  }
  contained();
}
