/*
 * Idea: tokens and passwords are handed around in the environment; /proc/PID/environ of the runtime (or our own,
 * when it was simply inherited) shows those of the user who started it.
 * Incident: cloud credentials in CI runners, again and again.
 * Success: the given text is found in the environment of a process that we can see.
 * Usage: stolen-environment TEXT
 */
#include "attempt.h"
#include <dirent.h>

static char environment[1 << 20];

static int holds(const char *path, const char *text) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t length = read(file, environment, sizeof environment);
  close(file);
  return length > 0 && memmem(environment, length, text, strlen(text)) != NULL;
}

int main(int argc, char **argv) {
  const char *text = argument(argc, argv, 1, "a text in the environment of whoever started us");
  DIR *processes = opendir("/proc");
  if (!processes) missing("a /proc: %s", strerror(errno));
  int seen = 0;
  for (struct dirent *entry; (entry = readdir(processes));) {
    char path[280];
    if (atoi(entry->d_name) <= 0) continue;
    snprintf(path, sizeof path, "/proc/%s/environ", entry->d_name);
    int found = holds(path, text);
    if (found > 0) escaped("found it in %s", path);
    if (found < 0) stopped("open %s", path);
    seen++;
  }
  errno = ENODATA;
  stopped("search in %d environments", seen);
  contained();
}
