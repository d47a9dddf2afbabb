/*
 * Kills a command at a given moment, and waits for everything that it started, however far removed: as their
 * subreaper (prctl(2)) it becomes the parent of whoever is orphaned, so that no process can get away unseen.
 *
 * Usage: reaper DELAY_MICROSECONDS GRACE_MILLISECONDS COMMAND...
 * Last line of output: JSON with the command's pid, its exit status if it ended before it was killed (else -1), how
 * many milliseconds after the kill the last descendant was gone, and the pids of those that were still there when the
 * grace was over (and are killed now).
 */
#define _GNU_SOURCE
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

/* The pids of our children, blank-separated: proc_pid_children(5). Kills them when asked to. */
static void report_children(int kill_them) {
  FILE *list = fopen("/proc/thread-self/children", "r");
  int child, first = 1;
  if (!list) err(1, "/proc/thread-self/children");
  while (fscanf(list, "%d", &child) == 1) {
    printf("%s%d", first ? "" : ",", child);
    first = 0;
    if (kill_them) kill(child, SIGKILL);
  }
  fclose(list);
}

int main(int argc, char **argv) {
  if (argc < 4) errx(2, "usage: reaper DELAY_MICROSECONDS GRACE_MILLISECONDS COMMAND...");
  double grace = atof(argv[2]);
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) err(1, "prctl");
  pid_t command = fork();
  if (command == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* should this program be ended before its time */
    execvp(argv[3], argv + 3);
    err(127, "%s", argv[3]);
  }
  usleep(atoi(argv[1]));
  kill(command, SIGKILL);

  double killed = now(), gone = killed;
  int early = -1, left = 1;
  while (left && gone - killed < grace) {
    int status;
    pid_t ended = waitpid(-1, &status, WNOHANG);
    left = ended >= 0;
    if (ended == command && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
      early = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (ended == 0) usleep(1000);
    gone = now();
  }
  printf("\n{\"pid\":%d,\"early\":%d,\"goneMs\":%.1f,\"left\":[", command, early, gone - killed);
  if (left) report_children(1);
  puts("]}");
  return 0;
}
