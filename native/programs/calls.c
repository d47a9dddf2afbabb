/*
 * calls FILTER ABI:NR[:A0,A1,…] …: what a seccomp filter really does to each call.
 *
 * FILTER is a file with a classic BPF program, `-` for standard input, `none`. ABI is `native`, `i386` (int 0x80) or `x32`. One line a call:
 * `value N`, `errno N`, `trap N` (SIGSYS was delivered, N is si_syscall), `killed SIGNAL`, or `refused N` when the
 * kernel does not take the filter.
 *
 * Each call is made by a child of its own, which loads the filter last of all and hands its result over in shared
 * memory: a filter that allows nothing else is judged as well. It ends by an illegal instruction, which no filter sees.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOTHING, VALUE, TRAP, REFUSED };

static volatile struct { int kind; long value; } *result;

static long call(long nr, const unsigned long a[6]) {
#if defined(__x86_64__)
  long value;
  register unsigned long r10 __asm__("r10") = a[3], r8 __asm__("r8") = a[4], r9 __asm__("r9") = a[5];
  __asm__ volatile("syscall"
                   : "=a"(value)
                   : "a"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return value;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = nr;
  register unsigned long x0 __asm__("x0") = a[0], x1 __asm__("x1") = a[1], x2 __asm__("x2") = a[2];
  register unsigned long x3 __asm__("x3") = a[3], x4 __asm__("x4") = a[4], x5 __asm__("x5") = a[5];
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return (long)x0;
#else
#error no other architecture is supported
#endif
}

#if defined(__x86_64__)
/* The sixth argument, ebp, is left as it is. */
static long call_i386(long nr, const unsigned long a[6]) {
  int value;
  __asm__ volatile("int $0x80"
                   : "=a"(value)
                   : "a"(nr), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4])
                   : "r8", "r9", "r10", "r11", "memory");
  return value;
}
#endif

static void on_trap(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  result->kind = TRAP;
  result->value = info->si_syscall;
  __builtin_trap();
}

static void load(const struct sock_fprog *program) {
  if (!program) return;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, program) < 0) {
    result->kind = REFUSED;
    result->value = errno;
    _exit(0);
  }
}

static void child(const struct sock_fprog *program, const char *abi, long nr, const unsigned long args[6]) {
  struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
  struct rlimit none = {0, 0};
  sigaction(SIGSYS, &action, NULL);
  setrlimit(RLIMIT_CORE, &none);
  load(program);
#if defined(__x86_64__)
  result->value = !strcmp(abi, "i386") ? call_i386(nr, args) : call(nr, args);
#else
  (void)abi;
  result->value = call(nr, args);
#endif
  result->kind = VALUE;
  __builtin_trap();
}

static void report(int status) {
  if (result->kind == REFUSED) printf("refused %ld\n", result->value);
  else if (result->kind == TRAP) printf("trap %ld\n", result->value);
  else if (result->kind == NOTHING) printf("killed %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  else if (result->value < 0 && result->value > -4096) printf("errno %ld\n", -result->value);
  else printf("value %ld\n", result->value);
}

static int try(const struct sock_fprog *program, char *text) {
  char *rest = text, *abi = strsep(&rest, ":"), *number = strsep(&rest, ":");
  if (!number) return -1;
  unsigned long args[6] = {0};
  for (int i = 0; i < 6 && rest; i++) args[i] = strtoul(strsep(&rest, ","), NULL, 0);
  long nr = (long)strtoul(number, NULL, 0) | (!strcmp(abi, "x32") ? 0x40000000L : 0);
  result->kind = NOTHING;
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) child(program, abi, nr, args);
  int status;
  if (pid < 0 || waitpid(pid, &status, 0) < 0) return -1;
  report(status);
  return 0;
}

int main(int argc, char **argv) {
  static struct sock_filter instructions[65535];
  struct sock_fprog program = {0, instructions};
  if (argc < 3) return fprintf(stderr, "usage: calls FILTER ABI:NR[:A0,A1,...] ...\n"), 2;
  const bool filtered = strcmp(argv[1], "none") != 0;
  if (filtered) {
    FILE *file = strcmp(argv[1], "-") ? fopen(argv[1], "rb") : stdin;
    if (!file) return perror(argv[1]), 2;
    program.len = (unsigned short)fread(instructions, sizeof *instructions, 65535, file);
    fclose(file);
  }
  result = mmap(NULL, sizeof *result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (result == MAP_FAILED) return perror("mmap"), 2;
  for (int i = 2; i < argc; i++) {
    if (try(filtered ? &program : NULL, argv[i]) < 0) return perror(argv[i]), 2;
  }
  return 0;
}
