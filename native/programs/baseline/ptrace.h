/*
 * PTRACE_SYSEMU: the tracer is told of every call, and the kernel makes none of them. So the guest only asks; the tracer
 * counts and holds the clock.
 */
#ifndef BASELINE_PTRACE_H
#define BASELINE_PTRACE_H

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "side.h"

/* Not in every libc's headers for arm64. */
#define SYSEMU ((enum __ptrace_request)31)

static _Noreturn void guest(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  must("PTRACE_TRACEME", ptrace(PTRACE_TRACEME, 0, 0, 0));
  raise(SIGSTOP);
  for (;;)
    if (null_call() != CONSTANT) __builtin_trap();
}

static void expect_stop(pid_t child, int signal) {
  int status;
  must("waitpid", waitpid(child, &status, 0));
  if (!WIFSTOPPED(status) || WSTOPSIG(status) != signal) fail("the guest went astray");
}

#if defined(__x86_64__)
static long number_in(const struct user_regs_struct *registers) { return (long)registers->orig_rax; }
static void answer_in(struct user_regs_struct *registers, long value) { registers->rax = (unsigned long)value; }
#else
static long number_in(const struct user_regs_struct *registers) { return (long)registers->regs[8]; }
static void answer_in(struct user_regs_struct *registers, long value) { registers->regs[0] = (unsigned long)value; }
#endif

static void answer_one(pid_t child) {
  struct user_regs_struct registers;
  struct iovec all = {&registers, sizeof registers};
  must("PTRACE_SYSEMU", ptrace(SYSEMU, child, 0, 0));
  expect_stop(child, SIGTRAP | 0x80);
  must("PTRACE_GETREGSET", ptrace(PTRACE_GETREGSET, child, NT_PRSTATUS, &all));
  answer_in(&registers, number_in(&registers) == SYS_getppid ? CONSTANT : -ENOSYS);
  must("PTRACE_SETREGSET", ptrace(PTRACE_SETREGSET, child, NT_PRSTATUS, &all));
}

/* Both on one core, as for notifications. */
static double trace(long count, long warm_up) {
  pin(0);
  pid_t child = (pid_t)must("fork", fork());
  if (child == 0) guest();
  expect_stop(child, SIGSTOP);
  must("PTRACE_SETOPTIONS", ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
  for (long i = 0; i < warm_up; i++) answer_one(child);
  double start = now();
  for (long i = 0; i < count; i++) answer_one(child);
  double time = now() - start;
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  return time;
}

#endif
