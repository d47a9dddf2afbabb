/* What the stub and the kernel share: places, words and structs. Included by C and by assembly; the addon exports it.
 *
 * A guest's address space is a host process that runs this stub. Below R3_GUEST_LOWEST lies what is the same in all:
 *
 *   R3_STUB         the stub's own instructions and constants            read, execute
 *   R3_SITES        where each patched call site jumps: 8-byte pointers  read
 *   R3_TRAMPOLINES  what they jump to                                    read, execute
 *   R3_CONTROL      commands for this process's control thread           read
 *   R3_BELLS        a word for each guest thread to sleep on, and one    read
 *                   for the acknowledgements of each control thread
 *   R3_KERNEL_BELL  the word that the kernel sleeps on                   read, write
 *
 * Above R3_THREADS, R3_THREAD_SIZE for each guest thread: its context, and above it the stack of its signal handler.
 * All but the stub itself are pages of the sandbox's memory file, which Node has mapped too.
 *
 * Whatever a guest thread can write is the guest's word against nobody's: the kernel reads each field once, and checks it.
 */
#ifndef RING3_STUB_ABI_H
#define RING3_STUB_ABI_H

#define R3_STUB 0x10000
#define R3_STUB_END 0x40000
#define R3_VECTORS 0x20000       /* entry points, R3_VECTOR_SIZE apart */
#define R3_VECTOR_SIZE 0x10
#define R3_VECTOR_SIGNAL 0x20000   /* the handler of every signal that the host sends to a guest thread */
#define R3_VECTOR_RESTORER 0x20010 /* rt_sigreturn */
#define R3_VECTOR_CALL 0x20020     /* trampolines jump here */

/* The last two bytes of a patched site are those of the slot's address: 06 00, which is no instruction (x86-64). */
#define R3_SITES 0x60000
#define R3_SITES_SIZE 0x10000
#define R3_TRAMPOLINES 0x70000
#define R3_TRAMPOLINES_SIZE 0x80000
#define R3_CONTROL 0x100000
#define R3_CONTROL_SIZE 0x4000
#define R3_BELLS 0x110000
#define R3_BELLS_SIZE 0x10000
#define R3_ACKS 0x114000 /* in R3_BELLS, beyond those of R3_MOST_THREADS */
#define R3_KERNEL_BELL 0x130000
#define R3_KERNEL_BELL_SIZE 0x1000
#define R3_GUEST_LOWEST 0x200000
#define R3_GUEST_HIGHEST 0x7f0000000000
#define R3_THREADS 0x7f8000000000
#define R3_THREAD_SIZE 0x10000
#define R3_MOST_THREADS 4096

/* The stub's descriptors: the memory file, and a file whose offset carries a number out that no guest can forge. */
#define R3_MEMORY_FD 0
#define R3_RESULT_FD 1

/* struct r3_context, state: who has the word. */
#define R3_RUN 0      /* the guest runs, or may run on */
#define R3_PARKED 1   /* the same, and the kernel sleeps: ring its bell */
#define R3_REQUEST 2  /* an event for the kernel; the thread spins */
#define R3_IDLE 3     /* the kernel has seen it and it will take long: sleep */
#define R3_ASLEEP 4   /* the thread sleeps on its bell */
#define R3_HANDOVER 5 /* the kernel has answered, and the control thread must work first: wake it, sleep */

/* event, from the thread. */
#define R3_EVENT_START 1     /* a new thread */
#define R3_EVENT_CALL 2      /* a system call at a patched site */
#define R3_EVENT_TRAP 3      /* a system call that the filter trapped */
#define R3_EVENT_FAULT 4     /* a host signal: see signal, code, address */
#define R3_EVENT_INTERRUPT 5 /* the kernel asked it to stop */
#define R3_EVENT_EXTENDED 6  /* after R3_ANSWER_EXTENDED */

/* event, as the kernel answers: 0, or these bits. */
#define R3_ANSWER_FULL 1     /* load all registers from the context, not rax alone */
#define R3_ANSWER_TLS 2      /* set the base of fs first */
#define R3_ANSWER_EXTENDED 4 /* come back at once, with the vector registers saved */
#define R3_ANSWER_FRESH 8    /* vector registers as a new program finds them */

/* struct r3_context, byte offsets. The first line is all that a plain call touches. */
#define R3_STATE 0
#define R3_EVENT 4
#define R3_RAX 8
#define R3_RDI 16
#define R3_RSI 24
#define R3_RDX 32
#define R3_R10 40
#define R3_R8 48
#define R3_R9 56
#define R3_RIP 64
#define R3_RSP 72
#define R3_RBX 80
#define R3_RBP 88
#define R3_R12 96
#define R3_R13 104
#define R3_R14 112
#define R3_R15 120
#define R3_RCX 128
#define R3_R11 136
#define R3_FLAGS 144
#define R3_FS_BASE 152
#define R3_SIGNAL 160
#define R3_CODE 164
#define R3_ADDRESS 168
#define R3_ERROR 176
#define R3_SPIN 180
#define R3_EXTENDED 184
#define R3_BELL 192
#define R3_TID 196
#define R3_SELF 200
#define R3_ALTSTACK 208
#define R3_SIGMASK 232

/* struct r3_control, byte offsets. */
#define R3_SEQUENCE 0
#define R3_COUNT 4
#define R3_ACK_DONE 8
#define R3_ACK_FAILED 12
#define R3_ACK_OFFSET 16
#define R3_FILTER 24
#define R3_ACK_WORD 32
#define R3_COMMANDS 64

/* struct r3_command, byte offsets; and its flags. */
#define R3_COMMAND_NUMBER 0
#define R3_COMMAND_FLAGS 4
#define R3_COMMAND_ARGS 8
#define R3_COMMAND_SIZE 64
#define R3_THREAD 1 /* clone: the child is a guest thread, whose context is its stack pointer */
#define R3_FORK 2   /* clone: the child is a new address space, whose control page is at offset args[5] */
#define R3_MUST_FAIL 8 /* only an error is a success: kill(2) of a process that should be gone */
#define R3_MAY_FAIL 16 /* an error is as good as a result */
#define R3_RESULT 4 /* the result goes to the offset of R3_RESULT_FD */

#ifndef __ASSEMBLER__
#include <stdint.h>

/* The state of one guest thread, in its own pages. Kernel and thread hand it to each other with `state`. */
struct r3_context {
  volatile uint32_t state;
  volatile uint32_t event;
  uint64_t rax, rdi, rsi, rdx, r10, r8, r9;
  uint64_t rip, rsp, rbx, rbp, r12, r13, r14, r15;
  uint64_t rcx, r11, flags, fs_base;
  uint32_t signal, code;
  uint64_t address;
  uint32_t error;    /* of the page fault (x86-64: bit 1 write, bit 4 instruction fetch) */
  uint32_t spin;     /* in: how often to look before sleeping */
  uint64_t extended; /* address of the saved vector state in the handler's frame, 0: it is in the processor */
  uint32_t bell;     /* in: index of its word in R3_BELLS */
  uint32_t tid;      /* its host thread, in the sandbox's pid namespace */
  uint64_t self;     /* in: its own address, where gs points; 0: gs is not used */
  struct { uint64_t sp; uint32_t flags, pad; uint64_t size; } altstack; /* in: for sigaltstack(2) */
  uint64_t sigmask;  /* in: no signal is blocked */
};

/* One system call of the control thread, which carries out a list of them and decides nothing. */
struct r3_command {
  uint32_t number, flags;
  uint64_t args[6];
  uint64_t pad;
};

struct r3_control {
  volatile uint32_t sequence; /* in: another list is ready; the thread sleeps on this */
  uint32_t count;
  uint32_t ack_done, ack_failed; /* what is written to the memory file at ack_offset when all, or not all, succeeded */
  uint64_t ack_offset;
  uint64_t filter;   /* address of the guest threads' struct sock_fprog, in these pages */
  uint64_t ack_word; /* where in R3_BELLS the acknowledgement is: whoever sleeps on it is woken */
  uint64_t pad[3];
  struct r3_command commands[];
};
#endif

#endif
