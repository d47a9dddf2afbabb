/* A guest thread's ways in and out of the stub. Nothing here touches the guest's stack.
 *
 * Where call sites are patched, gs points to the context. Nowhere else: on processors without FSGSBASE, and in virtual
 * machines that hide it, every switch to or from a thread whose gs is in use costs several microseconds.
 */
#include "../abi.h"

#define SYS_rt_sigprocmask 14
#define SYS_sigaltstack 131
#define SYS_arch_prctl 158
#define SYS_gettid 186
#define SYS_futex 202
#define FUTEX_WAKE 1
#define SYS_seccomp 317
#define ARCH_SET_GS 0x1001
#define SIG_SETMASK 2
#define SECCOMP_SET_MODE_FILTER 1

  .text
  .globl r3_thread, r3_call, r3_self_start, r3_self_trap

/* A new thread: rsp is its context. Until the filter is in place no instruction of the guest has run in it. */
r3_thread:
  mov %rsp, %rbp
  mov R3_SELF(%rbp), %rsi
  test %rsi, %rsi
  jz without_gs
  mov $SYS_arch_prctl, %eax
  mov $ARCH_SET_GS, %edi
  syscall
  test %rax, %rax
  jnz broken
without_gs:
  mov $SYS_sigaltstack, %eax
  lea R3_ALTSTACK(%rbp), %rdi
  xor %esi, %esi
  syscall
  mov $SYS_rt_sigprocmask, %eax
  mov $SIG_SETMASK, %edi
  lea R3_SIGMASK(%rbp), %rsi
  xor %edx, %edx
  mov $8, %r10d
  syscall
  mov $SYS_gettid, %eax
  syscall
  mov %eax, R3_TID(%rbp)
  mov $SYS_seccomp, %eax
  mov $SECCOMP_SET_MODE_FILTER, %edi
  xor %esi, %esi
  mov R3_CONTROL + R3_FILTER, %rdx
  syscall
  test %rax, %rax
  jnz broken
  /* To whom calls are notified this one says which thread it is: r9, from the clone, has only been in registers. */
  mov $SYS_futex, %eax
  mov $R3_KERNEL_BELL, %edi
  mov $FUTEX_WAKE, %esi
  xor %edx, %edx
  syscall
r3_self_start: /* the handler reports that we are ready, and goes on where the kernel says */
  ud2

broken:
  hlt

/* From a trampoline: rax the number, rcx the address after the call as the guest knows it, r11 where to go on, which is
 * in the trampoline when it holds instructions that stood there. Both are free, as after any system call. */
r3_call:
  mov %rax, %gs:R3_RAX
  mov %rdi, %gs:R3_RDI
  mov %rsi, %gs:R3_RSI
  mov %rdx, %gs:R3_RDX
  mov %r10, %gs:R3_R10
  mov %r8, %gs:R3_R8
  mov %r9, %gs:R3_R9
  mov %rcx, %gs:R3_RIP
  mov %r11, %gs:R3_R11
  mov %rsp, %gs:R3_RSP
  mov %rbx, %gs:R3_RBX
  mov %rbp, %gs:R3_RBP
  mov %r12, %gs:R3_R12
  mov %r13, %gs:R3_R13
  mov %r14, %gs:R3_R14
  mov %r15, %gs:R3_R15
  movl $R3_EVENT_CALL, %gs:R3_EVENT
  mov $R3_REQUEST, %ecx
  xchg %ecx, %gs:R3_STATE
  cmp $R3_PARKED, %ecx
  je slow
  mov %gs:R3_SPIN, %r11d
  test %r11d, %r11d
  jz slow
spin:
  mov %gs:R3_STATE, %ecx
  cmp $R3_REQUEST, %ecx
  jne answered
  dec %r11d
  jnz spin
  jmp slow
answered:
  ja slow
  cmpl $0, %gs:R3_EVENT
  jne slow
  mov %gs:R3_RAX, %rax
  jmp *%gs:R3_R11

slow: /* ecx: PARKED if the kernel sleeps */
  mov %gs:R3_SELF, %rdi
  mov %ecx, %esi
  lea R3_THREAD_SIZE - 64(%rdi), %rsp
  call r3_wait
restore:
  testl $R3_ANSWER_FRESH, %gs:R3_EVENT
  jz load
  mov $0xe7, %eax /* x87, SSE, AVX and AVX-512 */
  xor %edx, %edx
  xrstor64 fresh
load:
  mov %gs:R3_RDI, %rdi
  mov %gs:R3_RSI, %rsi
  mov %gs:R3_RDX, %rdx
  mov %gs:R3_R10, %r10
  mov %gs:R3_R8, %r8
  mov %gs:R3_R9, %r9
  mov %gs:R3_RSP, %rsp
  mov %gs:R3_RBX, %rbx
  mov %gs:R3_RBP, %rbp
  mov %gs:R3_R12, %r12
  mov %gs:R3_R13, %r13
  mov %gs:R3_R14, %r14
  mov %gs:R3_R15, %r15
  mov %gs:R3_RCX, %rcx
  mov %gs:R3_R11, %r11
  mov %gs:R3_RAX, %rax
  testl $R3_ANSWER_EXTENDED, %gs:R3_EVENT
  jnz r3_self_trap
  testl $R3_ANSWER_FULL, %gs:R3_EVENT
  jz plain
  jmp *%gs:R3_RIP
plain: /* the kernel has changed nothing but the result: where to go on is the trampoline's business */
  jmp *%gs:R3_R11
r3_self_trap: /* the host saves all there is, and the handler finds it */
  ud2

  .section .rodata
  .balign 64
fresh: /* an XSAVE area that says of every component: as after a reset. MXCSR is read all the same, and some processors
        * want all of the area to be there. */
  .skip 24
  .long 0x1f80
  .skip 2688 - 28

  .section .note.GNU-stack, "", @progbits
