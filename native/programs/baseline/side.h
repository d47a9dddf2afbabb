/*
 * Two processes and one cache line between them: the guest asks, the other answers in C. With a core each they spin on
 * it; on one core they hand over by futex, since whoever spins there keeps the other from running.
 */
#ifndef BASELINE_SIDE_H
#define BASELINE_SIDE_H

#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "../micro/measure.h"

/* What every call is answered with: no process has such a parent. */
enum { CONSTANT = 0x52494e47 };

enum { GUEST, ANSWERER };

/* One cache line: whose turn it is, and the call. `value` is its number, then its result. */
struct line {
  _Alignas(64) _Atomic int turn;
  long value, arguments[6];
};
_Static_assert(sizeof(struct line) == 64, "the call fits into one cache line");

static struct line *line;
static bool spinning;
static pid_t answerer;

/* Of the cores that we may use, the nth; on fewer cores they share. */
static void pin(int nth) {
  cpu_set_t allowed, one;
  must("sched_getaffinity", sched_getaffinity(0, sizeof allowed, &allowed));
  nth %= CPU_COUNT(&allowed);
  for (int core = 0; core < CPU_SETSIZE; core++) {
    if (!CPU_ISSET(core, &allowed) || nth-- > 0) continue;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    must("sched_setaffinity", sched_setaffinity(0, sizeof one, &one));
    return;
  }
}

/* No pause instruction: leaving it takes longer here than the line needs from core to core. */
static void wait_for(int side) {
  int seen;
  while ((seen = atomic_load_explicit(&line->turn, memory_order_acquire)) != side)
    if (!spinning) syscall(SYS_futex, &line->turn, FUTEX_WAIT, seen, NULL, NULL, 0);
}

static void hand_to(int side) {
  atomic_store_explicit(&line->turn, side, memory_order_release);
  if (!spinning) syscall(SYS_futex, &line->turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void share_line(void) {
  line = mmap(NULL, sizeof *line, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (line == MAP_FAILED) die("mmap");
  spinning = cores() > 1;
}

/* Who waits for an answerer that has died waits for ever. */
static void on_end(int signal) {
  static const char text[] = "the answering process has ended\n";
  (void)signal;
  (void)!write(STDERR_FILENO, text, sizeof text - 1);
  _exit(1);
}

/* Runs `serve` for ever in a process of its own, which dies with us; `flags` are those of clone(2). */
static void start_answerer(void (*serve)(void), int core, unsigned long flags) {
  pid_t guest = getpid();
  signal(SIGCHLD, on_end);
  answerer = (pid_t)must("clone", syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0));
  if (answerer != 0) return;
  signal(SIGCHLD, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pin(core);
  if (getppid() != guest) _exit(1);
  serve();
  _exit(0);
}

static void end_answerer(void) {
  signal(SIGCHLD, SIG_DFL);
  kill(answerer, SIGKILL);
  waitpid(answerer, NULL, 0);
}

/* One call that somebody answers for the kernel. */
static void ask(void) {
  if (null_call() != CONSTANT) fail("the call was not answered");
}

#endif
