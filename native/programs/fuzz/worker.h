/* One worker: threads that call, one that scribbles and wakes those that have waited long enough. */

enum { THREADS = 4 };

/* By the call itself: the library keeps signals 32 and 33 to itself. SIGCHLD stays as it is, so that there are zombies. */
static void handle_all(uintptr_t handler) {
  struct { uintptr_t handler; uint64_t flags, restorer, mask; } action = {handler, 0, 0, 0};
  for (int signal = 1; signal <= 64; signal++) if (signal != SIGCHLD) syscall(SYS_rt_sigaction, signal, &action, NULL, 8);
}


static struct shared {
  volatile uint64_t calls;
  volatile uint64_t seen[16]; /* which errors there have been, a bit each */
  struct { volatile int number, tid; volatile uint64_t made; } threads[THREADS];
} *shared;

static int results(void) {
  int count = 0;
  for (int i = 0; i < 16; i++) count += __builtin_popcountll(shared->seen[i]);
  return count;
}

static long raw(long number, const uint64_t *a) {
  long result;
  register uint64_t r10 __asm__("r10") = a[3], r8 __asm__("r8") = a[4], r9 __asm__("r9") = a[5];
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}

static int makes_child(long number) {
  return number == SYS_fork || number == SYS_vfork || number == SYS_clone || number == SYS_clone3;
}

/* The worker is gone if it succeeds. */
static int replaces(long number) { return number == SYS_execve || number == SYS_execveat; }

/* A new process or thread has our stack and must not touch it. */
static long make_child(long number, const uint64_t *a) {
  long result;
  register uint64_t r10 __asm__("r10") = a[3], r8 __asm__("r8") = a[4], r9 __asm__("r9") = a[5];
  __asm__ volatile("syscall\n test %%rax, %%rax\n jnz 1f\n xor %%edi, %%edi\n mov $60, %%eax\n syscall\n ud2\n 1:"
                   : "=a"(result) : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}

static void one_call(struct random *random, int thread) {
  const struct call *call = chosen[below(random, (uint32_t)chosen_count)];
  long number = call->number;
  const char *takes = call->takes;
  if (chosen_count > 8 && chance(random, 100)) number = below(random, NUMBERS), takes = "";
  uint64_t a[6];
  for (int i = 0; i < 6; i++) a[i] = argument(random, *takes ? *takes++ : 'u');
  if (is_spared(number) || (replaces(number) && !chance(random, 32)) || (makes_child(number) && !chance(random, 6))) return;
  shared->threads[thread].number = (int)number;
  long result = makes_child(number) ? make_child(number, a) : raw(number, a);
  if (result < 0 && result > -1024) __atomic_fetch_or(&shared->seen[-result / 64], 1ull << (-result % 64), __ATOMIC_RELAXED);
  shared->threads[thread].made++;
  __atomic_fetch_add(&shared->calls, 1, __ATOMIC_RELAXED);
}

static uint64_t worker_seed, worker_wanted;

static void *call_on(void *argument) {
  int thread = (int)(intptr_t)argument;
  struct random random = {worker_seed * 16 + (uint64_t)thread};
  shared->threads[thread].tid = (int)syscall(SYS_gettid);
  for (unsigned count = 0; shared->calls < worker_wanted; count++) {
    one_call(&random, thread);
    static const uint64_t none = 0;
    if (count % 32 == 0) syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, 8);
  }
  syscall(SYS_exit_group, 0);
  return NULL;
}

static void interrupted(int signal) { (void)signal; }

/* Wakes a thread that has made no call since the last look. */
static void wake_idle(uint64_t *made) {
  struct sigaction action = {.sa_handler = interrupted};
  sigaction(SIGUSR1, &action, NULL);
  for (int i = 0; i < THREADS; i++) {
    if (made[i] == shared->threads[i].made) syscall(SYS_tgkill, getpid(), shared->threads[i].tid, SIGUSR1);
    made[i] = shared->threads[i].made;
  }
}

static void scribble_for_ever(struct random *random) {
  uint64_t made[THREADS] = {0};
  for (unsigned count = 0;; count++) {
    uint32_t at = below(random, ARENA - 8) & (chance(random, 2) ? ~7u : ~0u);
    uint64_t value = chance(random, 4) ? pointer(random) : chance(random, 2) ? below(random, 4096) : anything(random);
    memcpy(arena + at, &value, 1u << below(random, 4));
    if (count % 50000 == 0) wake_idle(made);
  }
}

static void open_some(void) {
  int pair[2];
  for (int fd = 0; fd < 256; fd++) close(fd);
  for (int fd = 0; fd < 3; fd++) open("/dev/null", O_RDWR);
  mkdir("/tmp/d", 0777);
  open("/tmp/a", O_RDWR | O_CREAT, 0666);
  open("/etc/passwd", O_RDONLY);
  open("/proc/self", O_RDONLY | O_DIRECTORY);
  open("/tmp/d", O_RDONLY | O_DIRECTORY);
  pipe2(pair, O_NONBLOCK), pipe(pair);
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair), socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair);
  for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) socket(AF_INET, type, 0);
  syscall(SYS_eventfd2, 1, 0), syscall(SYS_epoll_create1, 0), syscall(SYS_timerfd_create, 1, 0), syscall(SYS_inotify_init1, 04000);
  syscall(SYS_memfd_create, "m", 0);
  open("/dev/ptmx", O_RDWR | O_NOCTTY);
}

static void work(uint64_t seed, uint64_t wanted) {
  setsid();
  handle_all((uintptr_t)SIG_IGN);
  worker_seed = seed, worker_wanted = wanted;
  arena = mmap(NULL, ARENA + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(arena + ARENA, 4096, PROT_NONE);
  playground = mmap(NULL, 4 * PLAYGROUND, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(playground, PLAYGROUND, PROT_READ | PROT_WRITE);
  chdir("/tmp");
  open_some();
  for (intptr_t i = 0; i < THREADS; i++) {
    pthread_t thread;
    pthread_create(&thread, NULL, call_on, (void *)i);
  }
  struct random random = {seed * 16 + THREADS};
  scribble_for_ever(&random);
}
