/*
 * Idea: no trick at all: read the keys and tokens that lie in home directories.
 * Incident: malicious packages (event-stream, 2018; ctx, 2022) collect ~/.ssh, ~/.aws, ~/.npmrc at install.
 * Success: a file in a home directory can be read, by its path or by one of the usual detours.
 * Usage: hidden-file PATH...
 */
#include "attempt.h"

int main(int argc, char **argv) {
  argument(argc, argv, 1, "a file in a home directory");
  static const char *const detours[] = {"", "/proc/self/root", "/proc/self/cwd/../../../../../../..",
                                        "/proc/1/root", "/.", "/var/../"};
  char path[1024], line[256];
  for (int i = 1; i < argc; i++)
    for (size_t d = 0; d < sizeof detours / sizeof *detours; d++) {
      snprintf(path, sizeof path, "%s%s", detours[d], argv[i]);
      if (read_line_at(AT_FDCWD, path, line, sizeof line) == 0) escaped("read \"%s\" from %s", line, path);
      stopped("open %s", path);
    }
  contained();
}
