/* The control thread: carries out the lists of system calls that the kernel writes to R3_CONTROL.
 *
 * It shares its address space with a hostile guest, so it has no stack, reads no memory that the guest can write, and
 * keeps what it knows in registers: rbx the control page, r12 the last sequence, r13 the command, rbp its flags, r14 how many
 * are left, r15 1 after a failure. Its answer is written through the memory file's descriptor, which guests cannot use.
 */
#include "../abi.h"

#define SYS_mmap 9
#define SYS_lseek 8
#define SYS_pwrite64 18
#define SYS_futex 202
#define SYS_exit_group 231
#define PROT_READ 1
#define MAP_SHARED_FIXED 0x11

  .text
  .globl _start, r3_control
_start: /* the first stub: its control page is at the beginning of the memory file */
  xor %r9d, %r9d

r3_become_control: /* r9: where in the memory file the control page is */
  mov $SYS_mmap, %eax
  mov $R3_CONTROL, %edi
  mov $R3_CONTROL_SIZE, %esi
  mov $PROT_READ, %edx
  mov $MAP_SHARED_FIXED, %r10d
  mov $R3_MEMORY_FD, %r8d
  syscall
  cmp $R3_CONTROL, %rax
  jne die
  mov $R3_CONTROL, %ebx
  xor %r12d, %r12d

wait:
  mov R3_SEQUENCE(%rbx), %eax
  cmp %eax, %r12d
  jne begin
  mov $SYS_futex, %eax
  mov %rbx, %rdi
  xor %esi, %esi /* FUTEX_WAIT */
  mov %r12d, %edx
  xor %r10d, %r10d
  syscall
  jmp wait

begin:
  mov %eax, %r12d
  lea R3_COMMANDS(%rbx), %r13
  mov R3_COUNT(%rbx), %r14d
  xor %r15d, %r15d

next:
  test %r14d, %r14d
  jz done
  mov R3_COMMAND_NUMBER(%r13), %eax
  mov R3_COMMAND_ARGS+0(%r13), %rdi
  mov R3_COMMAND_ARGS+8(%r13), %rsi
  mov R3_COMMAND_ARGS+16(%r13), %rdx
  mov R3_COMMAND_ARGS+24(%r13), %r10
  mov R3_COMMAND_ARGS+32(%r13), %r8
  mov R3_COMMAND_ARGS+40(%r13), %r9
  mov R3_COMMAND_FLAGS(%r13), %ebp /* a child runs later, when the list may be another one */
  syscall
  cmp $-4096, %rax
  ja error
  test $R3_MUST_FAIL, %ebp
  jnz failed
  test %rax, %rax
  jnz parent
  test $R3_THREAD, %ebp
  jnz r3_thread
  test $R3_FORK, %ebp
  jz parent
  jmp r3_become_control /* r9 is still args[5] */
parent:
  test $R3_RESULT, %ebp
  jz advance
  mov %rax, %rsi
  mov $SYS_lseek, %eax
  mov $R3_RESULT_FD, %edi
  xor %edx, %edx
  syscall
advance:
  add $R3_COMMAND_SIZE, %r13
  dec %r14d
  jmp next

error:
  test $R3_MUST_FAIL + R3_MAY_FAIL, %ebp
  jnz advance
failed:
  mov $1, %r15d
done:
  mov $SYS_pwrite64, %eax
  mov $R3_MEMORY_FD, %edi
  lea R3_ACK_DONE(%rbx,%r15,4), %rsi
  mov $4, %edx
  mov R3_ACK_OFFSET(%rbx), %r10
  syscall
  cmp $4, %rax /* without an answer the kernel would wait for ever */
  jne die
  mov $SYS_futex, %eax
  mov R3_ACK_WORD(%rbx), %rdi
  mov $1, %esi /* FUTEX_WAKE */
  mov $1, %edx
  syscall
  jmp wait

die:
  mov $SYS_exit_group, %eax
  mov $125, %edi
  syscall
  hlt
  .section .note.GNU-stack, "", @progbits
