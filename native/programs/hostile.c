/* A guest that attacks its own stub (test/guest/hostile.test.ts). Everything it can write it may overwrite, everything it
 * can execute it may jump to; the worst that comes of it must be the end of its own process.
 *
 *   hostile calls          jumps to every call instruction of the stub with every number; the test's kernel counts
 *   hostile attack NAME    one attack, in this process
 *   hostile attacks        all of them, each in a child, which is killed when it has not ended after a while
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../stub/abi.h"
#include "hostile/stub.h"
#include "hostile/calls.h"
#include "hostile/contexts.h"
#include "hostile/signals.h"
#include "hostile/mappings.h"

static const struct attack {
  const char *name;
  void (*run)(void);
} attacks[] = {
    {"self", lose_self},
    {"all", overwrite_all},
    {"states", try_states},
    {"events", try_events},
    {"extended", try_extended},
    {"bells", try_bells},
    {"tid", forge_tid},
    {"spin", forge_spin},
    {"storm", storm_bell},
    {"neighbour", scribble_neighbour},
    {"newborn", scribble_newborn},
    {"deaf", go_deaf},
    {"mute", go_mute},
    {"gs", move_gs},
    {"asleep", sleep_in_stub},
    {"anywhere", jump_anywhere},
    {"narrow", go_narrow},
    {"mappings", remap_stub},
};
enum { ATTACKS = sizeof attacks / sizeof *attacks };

static void pause_for(int milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, NULL);
}

/* How a child ends that has `patience` milliseconds for it. */
static int end_of(pid_t child, int patience) {
  int status;
  for (; patience > 0; patience -= 5) {
    if (waitpid(child, &status, WNOHANG) == child) return status;
    pause_for(5);
  }
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  return status | 0x10000;
}

static void attack_in_child(const struct attack *attack) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    attack->run();
    _exit(0);
  }
  int status = end_of(child, 1000);
  printf("%s %s %d\n", attack->name, status >> 16 ? "killed" : WIFSIGNALED(status) ? "died" : "ended", status & 0xffff);
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (strcmp(mode, "calls") == 0) return call_everything();
  for (int i = 0; i < ATTACKS; i++) {
    if (strcmp(mode, "attacks") == 0) attack_in_child(&attacks[i]);
    else if (argc > 2 && strcmp(argv[2], attacks[i].name) == 0) return attacks[i].run(), 0;
  }
  if (strcmp(mode, "attacks") != 0) return 2;
  puts("all done");
}
