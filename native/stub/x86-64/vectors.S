/* Where the host kernel and trampolines enter the stub: fixed addresses, so that nobody needs a symbol table. */
#include "../abi.h"

  .section .vectors, "ax"
  jmp r3_signal
  .org R3_VECTOR_RESTORER - R3_VECTORS
  mov $15, %eax /* rt_sigreturn */
  syscall
  .org R3_VECTOR_CALL - R3_VECTORS
  jmp r3_call
  .section .note.GNU-stack, "", @progbits
