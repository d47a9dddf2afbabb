/*
 * A launcher with the classic mistakes, to show what the attempts do where nothing better stands in their way: it
 * changes the root and nothing else.
 *
 * Usage: weak-launcher JAIL outside|inside COMMAND...
 *   outside: the working directory stays where it was (outside of the new root)
 *   inside:  the working directory is the new root
 * Descriptors are inherited as they are.
 */
#define _GNU_SOURCE
#include <err.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 4) errx(2, "usage: weak-launcher JAIL outside|inside COMMAND...");
  if (chroot(argv[1]) < 0) err(125, "chroot %s", argv[1]);
  if (strcmp(argv[2], "inside") == 0 && chdir("/") < 0) err(125, "chdir");
  execv(argv[3], argv + 3);
  err(127, "%s", argv[3]);
}
