/* By the kernel's own calls: nothing below or above a guest's addresses may change. */

static int holds(void *from, size_t length) { return mmap(from, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED; }

static void remap_stub(void) {
  static const uintptr_t places[] = {0, R3_STUB, R3_VECTORS, R3_SITES, R3_TRAMPOLINES, R3_CONTROL, R3_BELLS, R3_KERNEL_BELL,
                                     R3_GUEST_LOWEST - 0x1000, R3_GUEST_HIGHEST, R3_THREADS, 0x7ffffffff000, 1ull << 63, -4096ull};
  char *own = mmap(NULL, 0x4000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char bytes[64];
  for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
    void *place = (void *)places[i];
    struct iovec local = {bytes, sizeof bytes}, remote = {place, sizeof bytes};
    if (holds(place, 0x2000)) _exit(50);
    munmap(place, 0x2000);
    mprotect(place, 0x2000, PROT_READ | PROT_WRITE | PROT_EXEC);
    madvise(place, 0x2000, MADV_DONTNEED);
    if (mremap(own, 0x1000, 0x2000, MREMAP_MAYMOVE | MREMAP_FIXED, place) != MAP_FAILED) _exit(51);
    if (process_vm_writev(getpid(), &local, 1, &remote, 1, 0) > 0) _exit(52);
    if (read(0, place, 64) > 0 || (long)syscall(SYS_getrandom, place, 64, 0) > 0) _exit(53);
  }
  munmap((void *)0x1000, 0x1000000000000);
  if (getppid() < 0) _exit(54);
}
