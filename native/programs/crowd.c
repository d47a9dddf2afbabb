/* COUNT processes that sleep until standard input ends. Prints what one of them has of its own (bench memory).
 *
 *   crowd COUNT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Kilobytes, as the kernel accounts them (proc_pid_status(5), RssAnon). */
static long own_pages(void) {
  char line[256];
  long size = 0;
  FILE *status = fopen("/proc/self/status", "r");
  while (status && fgets(line, sizeof line, status)) {
    if (strncmp(line, "RssAnon:", 8) == 0) size = atol(line + 8);
  }
  if (status) fclose(status);
  return size;
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1, held[2], told[2];
  if (pipe(held) < 0 || pipe(told) < 0) return 1;
  for (int i = 1; i < count; i++) {
    char byte;
    if (fork() == 0) {
      close(held[1]);
      write(told[1], "x", 1);
      read(held[0], &byte, 1); /* until its parent has ended */
      _exit(0);
    }
    if (read(told[0], &byte, 1) != 1) return 1;
  }
  printf("%ld\n", own_pages());
  fflush(stdout);
  for (char byte; read(0, &byte, 1) > 0;);
  close(held[1]);
  while (wait(NULL) > 0);
}
