/*
 * Idea: clone3(2) takes its flags in memory, where a classic BPF filter cannot look: a filter that only tests the
 * flags of clone(2) lets all namespaces through.
 * Incident: why Docker's and Chromium's filters answer ENOSYS to clone3, so that libc falls back to clone.
 * Success: clone3 makes any new namespace.
 * Usage: clone3-namespaces
 */
#include "attempt.h"
#include <linux/sched.h>
#include <signal.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

int main(void) {
  static const struct {
    const char *name;
    unsigned long long flag;
  } kinds[] = {{"user", CLONE_NEWUSER},     {"user and mount", CLONE_NEWUSER | CLONE_NEWNS},
               {"user and net", CLONE_NEWUSER | CLONE_NEWNET}, {"mount", CLONE_NEWNS},
               {"pid", CLONE_NEWPID},       {"cgroup", CLONE_NEWCGROUP}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    struct clone_args args = {.flags = kinds[i].flag, .exit_signal = SIGCHLD};
    long child = syscall(SYS_clone3, &args, sizeof args);
    if (child == 0) _exit(0);
    if (child > 0) escaped("clone3 made a new %s namespace", kinds[i].name);
    stopped("clone3(%s)", kinds[i].name);
  }
  contained();
}
