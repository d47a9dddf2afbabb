/*
 * Idea: System V segments and message queues are found by number, POSIX ones by a name in /dev/shm: browsers,
 * databases and desktops keep their data there.
 * Incident: why `docker run --ipc=host` is on every audit's list.
 * Success: a segment of the host is attached, or its /dev/shm read.
 * Usage: shared-memory KEY NAME
 */
#include "attempt.h"
#include <sys/mman.h>
#include <sys/shm.h>

int main(int argc, char **argv) {
  key_t key = strtol(argument(argc, argv, 1, "the key of a System V segment"), NULL, 0);
  const char *name = argument(argc, argv, 2, "the name of a POSIX segment");
  char path[256], line[256];
  int segment = shmget(key, 0, 0);
  if (segment >= 0) {
    char *memory = shmat(segment, NULL, SHM_RDONLY);
    if (memory != (void *)-1) escaped("read \"%.40s\" from System V segment %#x", memory, key);
    stopped("shmat");
  } else {
    stopped("shmget");
  }
  snprintf(path, sizeof path, "/dev/shm/%s", name);
  if (read_line_at(AT_FDCWD, path, line, sizeof line) == 0) escaped("read \"%s\" from %s", line, path);
  stopped("open %s", path);
  contained();
}
