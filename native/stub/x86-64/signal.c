/* Host signals in a guest thread: trapped system calls, faults, and the kernel's wish that it stop. */
#include "../stub.h"

enum { SIGILL = 4, SIGTRAP = 5, SIGURG = 23, SIGSYS = 31, REG_ERR_WRITE = 2 };

/* As the host lays them out (arch/x86/include/uapi/asm/sigcontext.h, ucontext.h; include/uapi/asm-generic/siginfo.h). */
struct host_registers {
  uint64_t r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, flags;
  uint16_t cs, gs, fs, ss;
  uint64_t error, trap, oldmask, cr2, fpstate;
};

struct host_context {
  uint64_t uc_flags, uc_link;
  struct { uint64_t sp; uint32_t flags, pad; uint64_t size; } stack;
  struct host_registers registers;
};

struct host_siginfo {
  int32_t signal, error, code, pad;
  uint64_t address;
};

extern const char r3_self_start[], r3_self_trap[];

/* Handlers run on a stack in the same pages as the context. */
static struct r3_context *self(void) {
  uint64_t stack;
  __asm__("mov %%rsp, %0" : "=r"(stack));
  return (struct r3_context *)(stack & ~(uint64_t)(R3_THREAD_SIZE - 1));
}

/* Carry, parity, adjust, zero, sign, trap, direction, overflow, alignment: what a program may set. */
enum { FLAGS = 0x40dd5 };

static void save(struct r3_context *to, const struct host_registers *from) {
  to->rax = from->rax, to->rbx = from->rbx, to->rcx = from->rcx, to->rdx = from->rdx;
  to->rsi = from->rsi, to->rdi = from->rdi, to->rbp = from->rbp, to->rsp = from->rsp;
  to->r8 = from->r8, to->r9 = from->r9, to->r10 = from->r10, to->r11 = from->r11;
  to->r12 = from->r12, to->r13 = from->r13, to->r14 = from->r14, to->r15 = from->r15;
  to->rip = from->rip, to->flags = from->flags;
}

static void load(struct host_registers *to, const struct r3_context *from) {
  to->rax = from->rax, to->rbx = from->rbx, to->rcx = from->rcx, to->rdx = from->rdx;
  to->rsi = from->rsi, to->rdi = from->rdi, to->rbp = from->rbp, to->rsp = from->rsp;
  to->r8 = from->r8, to->r9 = from->r9, to->r10 = from->r10, to->r11 = from->r11;
  to->r12 = from->r12, to->r13 = from->r13, to->r14 = from->r14, to->r15 = from->r15;
  to->rip = from->rip, to->flags = (to->flags & ~(uint64_t)FLAGS) | (from->flags & FLAGS);
}

static uint32_t event_of(int signal) {
  if (signal == SIGSYS) return R3_EVENT_TRAP;
  return signal == SIGURG ? R3_EVENT_INTERRUPT : R3_EVENT_FAULT;
}

static int in_stub(uint64_t rip) { return rip >= R3_STUB && rip < R3_TRAMPOLINES + R3_TRAMPOLINES_SIZE; }

/* An area that says of every component: as after a reset (Intel SDM volume 1, 13.4); MXCSR is read all the same. */
static void refresh(uint64_t fpstate) {
  if (!fpstate) return;
  *(uint32_t *)(fpstate + 24) = 0x1f80;
  *(uint64_t *)(fpstate + 512) = 0;
}

void r3_signal(int signal, struct host_siginfo *info, struct host_context *host) {
  struct r3_context *context = self();
  struct host_registers *registers = &host->registers;
  uint32_t event = event_of(signal);
  if (registers->rip == (uint64_t)r3_self_start && registers->rsp == (uint64_t)context) {
    event = R3_EVENT_START;
  } else if (registers->rip == (uint64_t)r3_self_trap && signal == SIGILL) {
    registers->rip = context->rip;
    registers->rcx = context->rcx;
    event = R3_EVENT_EXTENDED;
  } else if (event == R3_EVENT_INTERRUPT && in_stub(registers->rip)) {
    r3_ring(); /* an event of its own is on its way; the kernel learns that the signal has come, or asks again */
    return;
  }
  if (event != R3_EVENT_START) save(context, registers);
  context->signal = (uint32_t)signal;
  context->code = (uint32_t)info->code;
  context->address = info->address;
  context->error = (uint32_t)registers->error;
  context->extended = registers->fpstate;
  uint32_t answer;
  while ((answer = r3_report(context, event)) & R3_ANSWER_EXTENDED) event = R3_EVENT_EXTENDED;
  if (answer & R3_ANSWER_FRESH) refresh(registers->fpstate);
  context->extended = 0;
  load(registers, context);
}
