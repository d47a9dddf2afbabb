/*
 * What the programs that measure have in common: the clock, the line that they print, and the end when something fails.
 * The clock is read before the first and after the last operation only: under a kernel of ours it may be a call.
 */
#ifndef MICRO_MEASURE_H
#define MICRO_MEASURE_H

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1000000000 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static _Noreturn void fail(const char *text) {
  fprintf(stderr, "%s\n", text);
  exit(1);
}

static _Noreturn void die(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

/* Hands the result of a call on, unless the call failed. */
static long must(const char *what, long result) {
  if (result < 0) die(what);
  return result;
}

/* How many cores we may run on. Where the call is not there, one does not spin. */
static int cores(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) < 0 ? 1 : CPU_COUNT(&set);
}

/* The one line of JSON. `cores` says whether two sides of a hand-over could have a core each. */
static void report(const char *workload, long count, double nanoseconds, int cores) {
  printf("{\"workload\":\"%s\",\"count\":%ld,\"ns_per_op\":%.2f,\"cores\":%d}\n", workload, count,
         nanoseconds / (double)count, cores);
}

/* COUNT or WARMUP of a command line; -1 for what is no such number. */
static long number(const char *text, long least) {
  char *end;
  long value = strtol(text, &end, 10);
  return *text == '\0' || *end != '\0' || value < least || value > MOST ? -1 : value;
}

/*
 * getppid, the call that does nothing: the instructions of libc's wrappers, number and call side by side, which is
 * what a platform that rewrites call sites looks for.
 */
static inline __attribute__((always_inline)) long null_call(void) {
#if defined(__x86_64__)
  long result;
  __asm__ volatile("movl %1, %%eax\n\tsyscall" : "=&a"(result) : "i"(SYS_getppid) : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long result __asm__("x0");
  __asm__ volatile("mov x8, %1\n\tsvc 0" : "=r"(result) : "i"(SYS_getppid) : "x8", "memory");
  return result;
#else
#error no other architecture is supported
#endif
}

#endif
