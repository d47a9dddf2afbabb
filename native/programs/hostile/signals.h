/* Attacks by what a guest may do to its own host thread: rt_sigreturn with a frame of its own making, its gs, its sleep. */

struct forged_frame { /* what the host's rt_sigreturn reads at the stack pointer (x86-64) */
  uint64_t flags, link;
  stack_t stack;
  uint64_t r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, eflags;
  uint16_t cs, gs, fs, ss;
  uint64_t error, trap, oldmask, cr2, fpstate, reserved[8];
  uint64_t mask;
};

static char forged_stack[1 << 16] __attribute__((aligned(4096)));

static void return_to(struct forged_frame frame) {
  static struct forged_frame kept;
  kept = frame;
  __asm__ volatile("mov %0, %%rsp\n jmp *%1" : : "r"(&kept), "r"((uintptr_t)R3_VECTOR_RESTORER) : "memory");
  __builtin_unreachable();
}

static void compute_for_ever(void) {
  for (;;) __asm__ volatile("");
}

static void go_on_deaf(void (*where)(void)) {
  return_to((struct forged_frame){.rsp = (uintptr_t)forged_stack + sizeof forged_stack - 8, .rip = (uintptr_t)where,
                                  .cs = 0x33, .ss = 0x2b, .eflags = 0x202, .mask = ~0ull});
}

/* Blocks all signals, so that nobody can interrupt it. */
static void go_deaf(void) { go_on_deaf(compute_for_ever); }

static void call_and_end(void) {
  getppid();
  _exit(0);
}

/* The same, and then a call: where that is a signal, the host ends a process that blocks it. */
static void go_mute(void) { go_on_deaf(call_and_end); }

/* In 32-bit code numbers mean other calls: the filter must see the architecture. */
static void go_narrow(void) {
  unsigned char *code = mmap((void *)0x300000, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  static const unsigned char text[] = {0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xb8, 2, 0, 0, 0, 0xcd, 0x80, 0xeb, 0xfe}; /* getpid, fork, jmp . */
  memcpy(code, text, sizeof text);
  return_to((struct forged_frame){.rsp = 0x300f00, .rip = 0x300000, .cs = 0x23, .ss = 0x2b, .eflags = 0x202});
}

static void move_gs(void) {
  static char elsewhere[R3_THREAD_SIZE] __attribute__((aligned(4096)));
  struct r3_context *fake = (struct r3_context *)elsewhere;
  fake->self = (uint64_t)fake;
  fake->spin = 1000;
  catch_faults();
  can_recover = 1;
  if (sigsetjmp(recovery, 0)) return; /* the processor does not let programs do that */
  __asm__ volatile("wrgsbase %0" : : "r"(fake));
  getppid();
  compute_for_ever();
}

/* FUTEX_WAIT of the host, which the kernel does not know of, in the loop of the control thread's code. */
static void sleep_in_stub(void) {
  static uint32_t word[1024];
  catch_faults();
  find_sites(R3_STUB, R3_STUB_END);
  for (int i = 0; i < site_count; i++) {
    if (fork()) continue;
    uint64_t args[6] = {(uintptr_t)word, 0, 0, 0, 0, 0};
    __asm__ volatile("mov %0, %%rbx\n xor %%r12d, %%r12d\n mov %0, %%rdi\n xor %%esi, %%esi\n xor %%edx, %%edx\n xor %%r10d, %%r10d\n"
                     "mov $202, %%eax\n jmp *%1" : : "r"((uintptr_t)args[0]), "r"(sites[i]) : "memory", "rbx", "rax", "rdx", "rsi", "rdi");
  }
  for (int i = 0; i < site_count; i++) pause();
}

/* Every byte of the stub, as an instruction, with registers that point at something. */
static void jump_anywhere(void) {
  setpgid(0, 0);
  for (uint64_t end = now_ms() + 500; now_ms() < end;) {
    seed = seed * 31 + now_ms();
    uintptr_t target = (random_word() % 4 ? R3_STUB + random_word() % 0x1000 : R3_VECTORS + random_word() % 0x40);
    if (fork()) {
      struct timespec time = {0, 2000000};
      nanosleep(&time, NULL);
      continue;
    }
    alarm(1);
    uint64_t pointer = (uint64_t)own_context(), stack = (uintptr_t)forged_stack + 0x8000;
    __asm__ volatile("mov %0, %%r11\n mov %1, %%rdi\n mov %2, %%rsp\n mov %1, %%rsi\n mov %1, %%rbx\n mov %1, %%r13\n mov %3, %%eax\n"
                     "mov $3, %%r14d\n jmp *%%r11" : : "r"(target), "r"(pointer), "r"(stack), "r"(random_word() % 600) : "memory");
  }
  kill(0, SIGKILL);
}
