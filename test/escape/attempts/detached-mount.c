/*
 * Idea: a mask covers a path in one tree of mounts. open_tree(2) makes a detached copy of the file system below,
 * without what is mounted on it, and hands it over as a descriptor.
 * Incident: CVE-2022-0185 put the new mount API on every list of system calls to refuse.
 * Success: what a mask hides can be read through the detached copy, or a mount can be moved on top of another.
 * Usage: detached-mount DIRECTORY FILE, where FILE is relative to DIRECTORY and hidden by a mount at or below it
 */
#include "attempt.h"
#include <sched.h>

#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#endif
#define OPEN_TREE_CLONE 1
#define MOVE_MOUNT_F_EMPTY_PATH 4

static void look(const char *who, const char *directory, const char *file) {
  char line[256];
  int tree = syscall(SYS_open_tree, AT_FDCWD, directory, OPEN_TREE_CLONE | O_CLOEXEC);
  if (tree < 0) {
    stopped("open_tree %s %s", directory, who);
    return;
  }
  if (read_line_at(tree, file, line, sizeof line) == 0) escaped("read \"%s\" below a detached %s", line, directory);
  stopped("read %s below a detached %s %s", file, directory, who);
  if (syscall(SYS_move_mount, tree, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH) == 0)
    escaped("moved a copy of %s to /tmp", directory);
  stopped("move_mount %s", who);
}

int main(int argc, char **argv) {
  const char *directory = argument(argc, argv, 1, "a directory with a mask below it");
  const char *file = argument(argc, argv, 2, "the file hidden by the mask, relative to the directory");
  look("as we are", directory, file);
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) look("in namespaces of our own", directory, file);
  else stopped("unshare");
  contained();
}
