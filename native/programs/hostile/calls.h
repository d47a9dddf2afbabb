/* Every call instruction with every number. The test's kernel is told of each try beforehand (CALL_ANNOUNCE), and sends
 * every call that comes to it to `back`: what was announced and never came has reached the host. */

enum { CALL_ANNOUNCE = 700, CALL_BACK = 701, MOST_NUMBER = 600, FORMS = 8 };

static char arena[1 << 16] __attribute__((aligned(4096)));
static struct progress { volatile int site, number, form, died; } *progress;

static uint64_t forms[FORMS][6] = {
    {0, 0, 0, 0, 0, 0},
    {(uintptr_t)arena, 0x1000, 3, 0x11, 0, 0},                    /* mmap of the memory file's beginning */
    {R3_STUB, 0x1000, 7, 0x11, 0, 0},                             /* over the stub; mprotect of it */
    {0, (uintptr_t)arena, 8, 0, 0, 0},                            /* write into the memory file's control pages */
    {0x1001, (uintptr_t)arena, (uintptr_t)arena, 0x11, 0, 0},     /* ARCH_SET_GS, a thread */
    {1, 0x10000000ff, (uintptr_t)arena, (uintptr_t)arena, 3, 9},  /* halves that a filter might not compare */
    {0x100001002, 0, 0, 0, 0, 0},                                 /* ARCH_SET_FS, to what it is already */
    {(uintptr_t)arena, 1, 0, 0, 0, 0},                            /* FUTEX_WAKE */
};

/* rax and rdi, rsi, rdx, r10, r8, r9; every other register leads nowhere, so that what follows the call faults. */
__attribute__((noinline, noclone)) static void jump_to_call(uintptr_t site, uint64_t number, const uint64_t *args) {
  __asm__ volatile(
      "mov %0, %%r11\n mov %1, %%rax\n mov %2, %%rcx\n"
      "mov 0(%%rcx), %%rdi\n mov 8(%%rcx), %%rsi\n mov 16(%%rcx), %%rdx\n"
      "mov 24(%%rcx), %%r10\n mov 32(%%rcx), %%r8\n mov 40(%%rcx), %%r9\n"
      "xor %%ebx, %%ebx\n xor %%ebp, %%ebp\n xor %%r12d, %%r12d\n xor %%r13d, %%r13d\n"
      "xor %%r14d, %%r14d\n xor %%r15d, %%r15d\n xor %%esp, %%esp\n jmp *%%r11\n"
      :
      : "r"(site), "r"(number), "r"(args)
      : "memory");
  __builtin_unreachable();
}

/* All that a thread can write of the stub's; then what it is found by, and what it is woken by, and how it tells of itself, is put back. */
static void overwrite_own_pages(int byte) {
  struct r3_context *context = own_context();
  struct r3_context before = *context;
  memset(context, byte, R3_THREAD_SIZE);
  context->state = before.state;
  context->self = before.self;
  context->bell = before.bell;
  memset((char *)R3_KERNEL_BELL, byte, R3_KERNEL_BELL_SIZE);
}

/* Comes back from the calls that pass: what follows them runs into a fault. */
static void try_call(int site, int number, int form) {
  progress->site = site, progress->number = number, progress->form = form;
  syscall(CALL_ANNOUNCE, sites[site], number, form);
  can_recover = 1;
  if (sigsetjmp(recovery, 0) == 0) jump_to_call(sites[site], (uint64_t)number, forms[form]);
  can_recover = 0;
}

/* Every number everywhere; but only at some places with every form of arguments. */
static int is_tried(int site, int form) { return form == 0 || (site + form) % 4 == 0; }

/* Goes on behind what was tried last. */
static void try_on(void) {
  int number = progress->number + 1, form = progress->form;
  for (int site = progress->site; site < site_count; site++, form = 0) {
    for (; form < FORMS; form++, number = 0) {
      for (; is_tried(site, form) && number <= MOST_NUMBER; number++) try_call(site, number, form);
    }
  }
}

__attribute__((noinline)) static void come_back(void) { siglongjmp(recovery, 1); }

static int call_everything(void) {
  catch_faults();
  find_sites(R3_STUB, R3_STUB_END);
  __asm__("mov %%fs:0, %0" : "=r"(forms[6][1]));
  progress = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  progress->number = -1;
  printf("%d call instructions\n", site_count);
  for (int done = 0; !done;) {
    pid_t child = fork();
    if (child == 0) {
      syscall(CALL_BACK, come_back, arena + sizeof arena - 256);
      overwrite_own_pages(0xff);
      try_on();
      _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    done = WIFEXITED(status);
    if (!done) progress->died++;
  }
  printf("done, %d died\n", progress->died);
  return 0;
}
