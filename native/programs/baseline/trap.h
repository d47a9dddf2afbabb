/* SECCOMP_RET_TRAP: the call becomes a SIGSYS, whose handler puts it into the shared line and waits there. */
#ifndef BASELINE_TRAP_H
#define BASELINE_TRAP_H

#include <ucontext.h>

#include "filter.h"

static _Noreturn void serve_trap(void) {
  for (;;) {
    wait_for(ANSWERER);
    line->value = line->value == SYS_getppid ? CONSTANT : -ENOSYS;
    hand_to(GUEST);
  }
}

#if defined(__x86_64__)
static void save(const mcontext_t *from) {
  static const int places[] = {REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9};
  line->value = from->gregs[REG_RAX];
  for (int i = 0; i < 6; i++) line->arguments[i] = from->gregs[places[i]];
}
static void set_result(mcontext_t *in, long value) { in->gregs[REG_RAX] = value; }
#else
static void save(const mcontext_t *from) {
  line->value = (long)from->regs[8];
  for (int i = 0; i < 6; i++) line->arguments[i] = (long)from->regs[i];
}
static void set_result(mcontext_t *in, long value) { in->regs[0] = (unsigned long)value; }
#endif

static void on_trap(int signal, siginfo_t *info, void *context) {
  mcontext_t *registers = &((ucontext_t *)context)->uc_mcontext;
  (void)signal, (void)info;
  save(registers);
  hand_to(ANSWERER);
  wait_for(GUEST);
  set_result(registers, line->value);
}

static void start_trap(void) {
  struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
  share_line();
  start_answerer(serve_trap, 1, 0);
  pin(0);
  must("sigaction", sigaction(SIGSYS, &action, NULL));
  filter_null_call(SECCOMP_RET_TRAP, 0);
}

#endif
