/*
 * Idea: the namespaces of every process have a name, /proc/PID/ns/mnt and so on, and whoever may open one may move in.
 * Incident: the way nsenter(1) leaves a container that shares the host's pid namespace ("docker run --pid=host").
 * Success: after setns(2) we are in the outsider's namespace.
 * Usage: setns-outsider PID...
 */
#include "attempt.h"
#include <sched.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

static const struct {
  const char *name;
  int flag;
} KINDS[] = {{"user", CLONE_NEWUSER}, {"mnt", CLONE_NEWNS}, {"net", CLONE_NEWNET},
             {"ipc", CLONE_NEWIPC},   {"uts", CLONE_NEWUTS}};

static void enter(const char *pid, const char *kind, int flag) {
  char theirs[64], ours[64];
  struct stat before, wanted;
  snprintf(theirs, sizeof theirs, "/proc/%s/ns/%s", pid, kind);
  snprintf(ours, sizeof ours, "/proc/self/ns/%s", kind);
  int namespace = open(theirs, O_RDONLY | O_CLOEXEC);
  if (namespace < 0 || fstat(namespace, &wanted) < 0) {
    stopped("open %s", theirs);
    return;
  }
  if (stat(ours, &before) == 0 && before.st_ino == wanted.st_ino) return; /* we are there already */
  if (setns(namespace, flag) == 0) escaped("moved into %s", theirs);
  stopped("setns %s", theirs);
}

int main(int argc, char **argv) {
  argument(argc, argv, 1, "the process id of an outsider");
  for (int i = 1; i < argc; i++) {
    for (size_t k = 0; k < sizeof KINDS / sizeof *KINDS; k++) enter(argv[i], KINDS[k].name, KINDS[k].flag);
    int process = syscall(SYS_pidfd_open, atoi(argv[i]), 0);
    if (process < 0) stopped("pidfd_open %s", argv[i]);
    else if (setns(process, CLONE_NEWNS | CLONE_NEWUTS) < 0) stopped("setns pidfd of %s", argv[i]);
  }
  contained();
}
