/* A guest that makes random calls (test/guest/fuzz). Worker processes with several threads each call with random and
 * half-valid arguments, and one thread more changes the memory that the arguments point to meanwhile. Whatever they do to
 * themselves, the first process starts the next worker, until enough calls have been made; its own memory must stay as it is.
 *
 *   fuzz SEED CALLS [NAME...]     NAME: make only these calls
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz/random.h"
#include "fuzz/calls.h"
#include "fuzz/arguments.h"
#include "fuzz/worker.h"

/* How much memory is watched; how long a worker may stand still, and how long it may live: later ones begin with fresh state. */
enum { CANARY = 1 << 20, STALLED_MS = 400, LONGEST_MS = 4000 };

static uint64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static void check(const unsigned char *canary) {
  for (int i = 0; i < CANARY; i++) {
    if (canary[i] == (unsigned char)(i * 7 + 3)) continue;
    printf("the memory of another process has changed, %d bytes in\n", i);
    exit(3);
  }
}

/* A worker that makes no progress any more, or has done enough, ends. */
static void watch(pid_t worker) {
  uint64_t started = now_ms(), seen = 0, moved = started;
  struct timespec pause = {0, 5000000};
  while (waitpid(worker, NULL, WNOHANG) == 0) {
    uint64_t calls = shared->calls, now = now_ms();
    if (calls != seen) seen = calls, moved = now;
    if (now - moved > STALLED_MS || now - started > LONGEST_MS) {
      kill(-worker, SIGKILL);
      kill(worker, SIGKILL);
      waitpid(worker, NULL, 0);
      return;
    }
    nanosleep(&pause, NULL);
  }
}

int main(int argc, char **argv) {
  uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1, wanted = argc > 2 ? strtoull(argv[2], NULL, 0) : 100000;
  choose_calls(argv + 3, argc - 3);
  setvbuf(stdout, NULL, _IOLBF, 0);
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  unsigned char *canary = mmap(NULL, CANARY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < CANARY; i++) canary[i] = (unsigned char)(i * 7 + 3);
  handle_all((uintptr_t)SIG_IGN);
  uint64_t told = now_ms();
  for (uint64_t round = 0; shared->calls < wanted; round++) {
    pid_t worker = fork();
    if (worker == 0) work(seed * 1000003 + round, wanted);
    if (worker > 0) watch(worker);
    while (waitpid(-1, NULL, WNOHANG) > 0);
    check(canary);
    if (now_ms() - told < 1000 && shared->calls < wanted) continue;
    told = now_ms();
    printf("seed %llu: %llu calls, %llu workers\n", (unsigned long long)seed, (unsigned long long)shared->calls, (unsigned long long)round + 1);
  }
  printf("done: %d different results\n", results());
  return 0;
}
