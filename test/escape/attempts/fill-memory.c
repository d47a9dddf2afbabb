/*
 * Idea: a tmpfs is memory. A sandbox that may write to /tmp, /dev/shm or its in-memory overlay without a bound may
 * take all of the machine's, without any process growing.
 * Incident: why Kubernetes' emptyDir medium: Memory needed a size limit; Docker gives /dev/shm 64 MiB.
 * Success: as many MiB as asked for are held in one place.
 * Usage: fill-memory MIB FOLDER...
 */
#include "attempt.h"
#include <sys/vfs.h>

int main(int argc, char **argv) {
  long wanted = atol(argument(argc, argv, 1, "how many MiB"));
  argument(argc, argv, 2, "folders to fill");
  for (int i = 2; i < argc; i++) {
    char path[256];
    snprintf(path, sizeof path, "%s/ring3-fill-XXXXXX", argv[i]);
    int file = mkostemp(path, O_CLOEXEC);
    if (file < 0) {
      stopped("create a file in %s", argv[i]);
      continue;
    }
    unlink(path);
    long held = 0;
    while (held < wanted && fallocate(file, 0, held << 20, 8 << 20) == 0) held += 8;
    if (held >= wanted) escaped("%s held %ld MiB", argv[i], held);
    stopped("%s at %ld MiB", argv[i], held);
    close(file);
  }
  contained();
}
