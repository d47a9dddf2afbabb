/**
 * Indexes of `Registers` on x86-64: the order of gregs in ucontext_t (sys/ucontext.h, REG_R8 and on; uc_mcontext in
 * arch/x86/include/uapi/asm/sigcontext.h), so that a signal frame is one loop over them.
 */
// prettier-ignore
export const REGISTERS_X86_64 = {
  r8: 0, r9: 1, r10: 2, r11: 3, r12: 4, r13: 5, r14: 6, r15: 7, rdi: 8, rsi: 9, rbp: 10, rbx: 11, rdx: 12,
  rax: 13, rcx: 14, rsp: 15, rip: 16, eflags: 17,
} as const;

/** How many of them there are. */
export const REGISTER_COUNT_X86_64 = 18;
