/* Where the stub is, and what of it can be read and written from inside. */

static sigjmp_buf recovery;
static volatile sig_atomic_t can_recover;

static void recover(int signal) {
  if (can_recover) siglongjmp(recovery, signal);
  _exit(40);
}

static void catch_faults(void) {
  static char stack[1 << 16];
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, NULL);
  struct sigaction action = {.sa_handler = recover, .sa_flags = SA_ONSTACK | SA_NODEFER};
  for (int signal = SIGHUP; signal < SIGUSR2; signal++) sigaction(signal, &action, NULL);
  sigaction(SIGALRM, &action, NULL);
  sigaction(SIGSYS, &action, NULL);
}

/* The context of a process's first thread, which is who calls. */
static struct r3_context *own_context(void) { return (struct r3_context *)R3_THREADS; }

/* Can this page be read? Only by trying: the guest's kernel does not know it. */
static int readable(uintptr_t address) {
  int ok = 0;
  can_recover = 1;
  if (sigsetjmp(recovery, 0) == 0) {
    (void)*(volatile char *)address;
    ok = 1;
  }
  can_recover = 0;
  return ok;
}

enum { MOST_SITES = 256 };
static uintptr_t sites[MOST_SITES];
static int site_count;

/* Two bytes that make a host call when they are executed: syscall, int $0x80, sysenter. At any byte, in step or not. */
static int calls_host(const unsigned char *at) {
  return (at[0] == 0x0f && at[1] == 0x05) || (at[0] == 0xcd && at[1] == 0x80) || (at[0] == 0x0f && at[1] == 0x34);
}

static void find_sites(uintptr_t from, uintptr_t to) {
  for (uintptr_t page = from; page < to; page += 0x1000) {
    if (!readable(page)) continue;
    int last = page + 0x1000 == to || !readable(page + 0x1000);
    for (uintptr_t at = page; at < page + 0x1000 - last && site_count < MOST_SITES; at++) {
      if (calls_host((const unsigned char *)at)) sites[site_count++] = at;
    }
  }
}

static uint64_t seed = 1;
static uint32_t random_word(void) {
  seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
  return (uint32_t)(seed >> 33);
}

static uint64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}
