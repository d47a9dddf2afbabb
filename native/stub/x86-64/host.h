/* How a guest thread calls the host. The filter lets only three calls pass, and only from the stub's own pages. */
#ifndef RING3_STUB_HOST_H
#define RING3_STUB_HOST_H

#define SYS_arch_prctl 158
#define SYS_futex 202
#define ARCH_SET_FS 0x1002

static inline long host_call(long number, long a, long b, long c, long d) {
  long result;
  register long r10 __asm__("r10") = d;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
  return result;
}

static inline void set_thread_pointer(uint64_t base) { host_call(SYS_arch_prctl, ARCH_SET_FS, (long)base, 0, 0); }

#endif
