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
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "raw.h"

int main(void);

#if defined(__x86_64__)
__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call ring3_begin\n");
#else
__asm__(".globl _start\n_start: mov x29, #0\n mov x30, #0\n mov x0, sp\n bl ring3_begin\n");
#endif

/*
 * long ring3_clone3(struct clone_args *, size_t, int (*run)(void *), void *): the child runs on the stack that the
 * arguments name, so it cannot return from here as its parent does.
 */
#if defined(__x86_64__)
__asm__(
    ".globl ring3_clone3\nring3_clone3: mov %rcx, %r8\n mov $435, %eax\n syscall\n test %rax, %rax\n jnz 1f\n"
    " xor %ebp, %ebp\n mov %r8, %rdi\n call *%rdx\n mov %eax, %edi\n call _exit\n1: ret\n");
#else
__asm__(
    ".globl ring3_clone3\nring3_clone3: mov x8, #435\n svc 0\n cbnz x0, 1f\n"
    " mov x29, #0\n mov x0, x3\n blr x2\n bl _exit\n1: ret\n");
#endif

char **ring3_environment;
static int error_number;

/*
 * The clock without a system call: the kernel maps a small shared object, the vDSO, into every program (vdso(7)). Each
 * step is timed, and where a hypervisor stands between, a system call takes as long as forty readings.
 */
#if defined(__x86_64__)
#define CLOCK_NAME "__vdso_clock_gettime"
#else
#define CLOCK_NAME "__kernel_clock_gettime"
#endif

static int (*vdso_clock)(clockid_t, struct timespec *);

/* How many symbols there are is the number of chains in the old hash table; who has none keeps the system call. */
static void find_in(const char *base) {
  const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)base;
  const ElfW(Phdr) *segments = (const ElfW(Phdr) *)(base + header->e_phoff);
  const ElfW(Dyn) *dynamic = NULL;
  const char *bias = NULL;
  for (int i = 0; i < header->e_phnum; i++) {
    if (segments[i].p_type == PT_DYNAMIC) dynamic = (const ElfW(Dyn) *)(base + segments[i].p_offset);
    if (segments[i].p_type == PT_LOAD && !bias) bias = base + segments[i].p_offset - segments[i].p_vaddr;
  }
  const ElfW(Sym) *symbols = NULL;
  const char *names = NULL;
  const unsigned *hash = NULL;
  for (; dynamic && bias && dynamic->d_tag != DT_NULL; dynamic++) {
    if (dynamic->d_tag == DT_SYMTAB) symbols = (const ElfW(Sym) *)(bias + dynamic->d_un.d_ptr);
    if (dynamic->d_tag == DT_STRTAB) names = bias + dynamic->d_un.d_ptr;
    if (dynamic->d_tag == DT_HASH) hash = (const unsigned *)(bias + dynamic->d_un.d_ptr);
  }
  if (!symbols || !names || !hash) return;
  for (unsigned i = 0; i < hash[1]; i++) {
    if (symbols[i].st_shndx == SHN_UNDEF || strcmp(names + symbols[i].st_name, CLOCK_NAME) != 0) continue;
    vdso_clock = (int (*)(clockid_t, struct timespec *))(bias + symbols[i].st_value);
  }
}

static void find_clock(const unsigned long *auxiliary) {
  for (; auxiliary[0] != AT_NULL; auxiliary += 2) {
    if (auxiliary[0] == AT_SYSINFO_EHDR) find_in((const char *)auxiliary[1]);
  }
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  return vdso_clock ? vdso_clock(clock, now) : (int)CALL(SYS_clock_gettime, clock, now);
}

/* On the stack: argc, the arguments, a null, the environment, a null, the auxiliary vector (execve(2), psABI). */
__attribute__((noreturn, used)) void ring3_begin(long *stack) {
  ring3_environment = (char **)(stack + 1 + stack[0] + 1);
  char **end = ring3_environment;
  while (*end) end++;
  find_clock((const unsigned long *)(end + 1));
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
