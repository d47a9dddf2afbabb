/*
 * Where the shim starts, and its C library.
 *
 * It is linked without another one. glibc's start in a static program asks the processor what it can do, and each
 * CPUID leaves a virtual machine; it touches two dozen pages; together that is 0.35 ms of every start, more than all of
 * the shim's own work. A child that is cloned from a smaller program is cheaper to make, too. The headers are the C
 * library's, and each function here does what its man page says, as far as the shim asks for it: who calls one more
 * adds it. There are no threads, so errno is a plain variable.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "raw.h"

int main(void);

#if defined(__x86_64__)
__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call ring3_begin\n");
#else
__asm__(".globl _start\n_start: mov x29, #0\n mov x30, #0\n mov x0, sp\n bl ring3_begin\n");
#endif

char **ring3_environment;
static int error_number;

/* On the stack: argc, the arguments, a null, the environment, a null (execve(2), psABI). */
__attribute__((noreturn, used)) void ring3_begin(long *stack) {
  ring3_environment = (char **)(stack + 1 + stack[0] + 1);
  _exit(main());
}

int *__errno_location(void) { return &error_number; }

/* A result from -4095 to -1 is an errno. */
long ring3_checked(long result) {
  if (result >= 0 || result < -4095) return result;
  error_number = (int)-result;
  return -1;
}

long syscall(long number, ...) {
  va_list list;
  long a[6];
  va_start(list, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
  va_end(list);
  return CALL(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
