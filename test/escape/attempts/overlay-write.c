/*
 * Idea: what we write to "the host's" files might really arrive there.
 * Incident: CVE-2023-0386 and CVE-2015-1328 (overlayfs), CVE-2016-5195 (Dirty COW: writing to read-only mappings).
 * Success: the file is changed on the host: the host looks, we cannot tell.
 * Usage: overlay-write FILE
 */
#include "attempt.h"

int main(int argc, char **argv) {
  const char *path = argument(argc, argv, 1, "a file of the host that its owner may write");
  char aside[512];
  int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0) stopped("open %s for writing", path);
  if (file >= 0 && write(file, "changed\n", 8) < 0) stopped("write %s", path);
  if (chmod(path, 0777) < 0) stopped("chmod %s", path);
  snprintf(aside, sizeof aside, "%s.aside", path);
  if (link(path, aside) < 0) stopped("link %s", path);
  if (rename(path, aside) < 0) stopped("rename %s", path);
  if (unlink(path) < 0 && errno != ENOENT) stopped("unlink %s", path);
  if (file >= 0) escaped("wrote to %s, or to a copy of it", path);
  contained();
}
