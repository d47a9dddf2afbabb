/*
 * micro WORKLOAD COUNT [WARMUP]: what one small operation costs where this program runs.
 *
 * Prints one line of JSON, {"workload", "count", "ns_per_op", "cores"}: COUNT operations, measured from inside after
 * WARMUP others (a tenth of COUNT unless told), so that the start of the sandbox around it does not count. `micro --list`
 * prints every workload with what it does. A call that fails is one line on standard error, and exit status 1.
 */
#define _GNU_SOURCE
#include "micro/calls.h"
#include "micro/memory.h"
#include "micro/pingpong.h"
#include "micro/tasks.h"

static const struct workload {
  const char *name, *does;
  void (*run)(long count);
  void (*prepare)(void);
  void (*clear)(void);
} workloads[] = {
    {"empty", "an empty loop: what the measurement itself costs", run_empty, NULL, NULL},
    {"getppid", "a call that does nothing", run_getppid, NULL, NULL},
    {"read", "read of 1 byte of /dev/zero", run_read, open_zero, close_file},
    {"pread", "pread of 4 KiB of a file", run_pread, open_self, close_file},
    {"open", "open and close of a file", run_open, NULL, NULL},
    {"stat", "stat of a file", run_stat, NULL, NULL},
    {"readdir", "a folder of 1,000 entries opened, read and closed", run_readdir, make_entries, remove_entries},
    {"mmap", "4 pages mapped, touched and unmapped", run_mmap, NULL, NULL},
    {"fault", "a page touched for the first time", run_fault, NULL, NULL},
    {"pipe", "a byte through a pipe to another process, and one back", run_pingpong, start_pipe, end_echo},
    {"unix", "the same through a pair of unix sockets", run_pingpong, start_unix, end_echo},
    {"tcp", "the same through TCP on the loopback", run_pingpong, start_tcp, end_echo},
    {"fork", "fork, exit and wait", run_fork, NULL, NULL},
    {"exec", "fork, exec of a small static program, exit and wait", run_exec, NULL, NULL},
    {"spawn", "the same by posix_spawn, which shares memory until the exec", run_spawn, NULL, NULL},
    {"thread", "a thread created and joined", run_thread, NULL, NULL},
    {"futex", "a turn handed to another thread, and back", run_futex, start_partner, end_partner},
    {"signal", "a signal sent to oneself, handled and returned from", run_signal, catch_signal, NULL},
};

enum { WORKLOADS = sizeof workloads / sizeof *workloads };

static void measure(const struct workload *workload, long count, long warm_up) {
  if (workload->prepare) workload->prepare();
  workload->run(warm_up);
  double start = now();
  workload->run(count);
  double time = now() - start;
  if (workload->clear) workload->clear();
  report(workload->name, count, time, cores());
}

static int list(void) {
  for (int i = 0; i < WORKLOADS; i++) printf("%-8s %s\n", workloads[i].name, workloads[i].does);
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], END) == 0) return 0;
  if (argc == 2 && strcmp(argv[1], "--list") == 0) return list();
  self = argv[0];
  long count = argc > 2 ? number(argv[2], 1) : -1;
  long warm_up = argc > 3 ? number(argv[3], 0) : (count + 9) / 10;
  for (int i = 0; i < WORKLOADS && argc < 5 && count > 0 && warm_up >= 0; i++) {
    if (strcmp(argv[1], workloads[i].name) == 0) return measure(&workloads[i], count, warm_up), 0;
  }
  fprintf(stderr, "usage: micro WORKLOAD COUNT [WARMUP]\n       micro --list\n");
  return 2;
}
