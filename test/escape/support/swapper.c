/*
 * The other side of a race: a neighbour that shares a folder with the container that is being started, and there
 * exchanges two names for as long as it lives, so that a path is now a folder and now a symbolic link.
 * Usage: swapper A B; ends when its standard input ends.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 3) errx(2, "usage: swapper A B");
  for (struct pollfd end = {0, POLLIN, 0}; poll(&end, 1, 0) == 0;)
    for (int i = 0; i < 50; i++) {
      if (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) < 0) err(1, "renameat2");
      usleep(200);
    }
  return 0;
}
