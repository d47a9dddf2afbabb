/*
 * hog MEBIBYTES [SECONDS]: touch every page of so much memory, say so, hold it for SECONDS, and leave.
 * One mapping a mebibyte, so that only what is touched counts and no overcommit rule refuses it at once.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB (1024 * 1024)

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: hog MEBIBYTES [SECONDS]\n");
    return 2;
  }
  long mebibytes = strtol(argv[1], NULL, 10);
  unsigned seconds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
  for (long held = 0; held < mebibytes; held++) {
    char *block = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) {
      fprintf(stderr, "hog: refused after %ld MiB: %s\n", held, strerror(errno));
      return 1;
    }
    /* Not zero: the kernel may merge or never allocate pages of zeros. */
    memset(block, 0x5a, MIB);
  }
  printf("hog: holds %ld MiB\n", mebibytes);
  fflush(stdout);
  sleep(seconds);
  return 0;
}
