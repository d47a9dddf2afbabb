/*
 * Idea: take every process number that there is.
 * Incident: CVE-less and evergreen; Kubernetes got pod pid limits because one pod could stop a node.
 * Success: as many children as asked for are alive at once.
 * Usage: fork-bomb COUNT
 */
#include "attempt.h"
#include <signal.h>
#include <sys/prctl.h>

int main(int argc, char **argv) {
  int wanted = atoi(argument(argc, argv, 1, "how many children")), made = 0, error = 0, ends[2];
  if (wanted <= 0 || wanted > 5000) missing("a count from 1 to 5000");
  if (pipe(ends) < 0) missing("a pipe: %s", strerror(errno));
  for (; made < wanted; made++) {
    pid_t child = fork();
    if (child < 0) {
      error = errno;
      break;
    }
    if (child == 0) {
      char byte; /* lives until every writing end is closed: that is, until the first process lets go or dies */
      close(ends[1]);
      _exit(read(ends[0], &byte, 1) < 0);
    }
  }
  close(ends[1]);
  while (wait(NULL) > 0) continue;
  if (made == wanted) escaped("%d children were alive at once", made);
  errno = error;
  stopped("fork number %d", made + 1);
  contained();
}
