/* Attacks on the contexts, the bells and the words that kernel and stub share. */

static void lose_self(void) {
  own_context()->self = 0x123456789000;
  getppid();
}

static void overwrite_all(void) {
  memset(own_context(), 0xee, R3_THREAD_SIZE);
  getppid();
}

static const uint32_t odd[] = {0, 1, 2, 3, 4, 5, 6, 7, 99, 0x7fffffff, 0x80000000, 0xffffffff};
enum { ODD = sizeof odd / sizeof *odd };


static void try_states(void) {
  struct r3_context *context = own_context();
  for (int i = 0; i < ODD; i++) {
    for (volatile int wait = 0; wait < 100000; wait++) context->state = odd[i];
    getppid();
  }
}

static void try_events(void) {
  struct r3_context *context = own_context();
  for (int i = 0; i < 3 * ODD; i++) {
    context->rax = SYS_getppid;
    context->event = odd[i / 3];
    context->state = R3_REQUEST;
    for (volatile int wait = 0; wait < 300000; wait++);
  }
}

static void on_signal(int signal) { (void)signal; }

/* Says, whenever the kernel wants the vector registers for a frame, that they are somewhere else. */
static void *forge_extended(void *argument) {
  struct r3_context *context = argument;
  uint64_t base = (uint64_t)context;
  uint64_t places[] = {base + 0xfff8, base + R3_THREAD_SIZE - 1, base + R3_THREAD_SIZE - 512, base + 0x1000, base, 8, -8ull,
                       base + 0x1001, base + R3_THREAD_SIZE - 600};
  for (unsigned i = 0;; i++) context->extended = places[i % 9], *(uint32_t *)(base + R3_THREAD_SIZE - 512 + 464) = i;
  return NULL;
}

static void try_extended(void) {
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGUSR1, &action, NULL);
  pthread_t thread;
  pthread_create(&thread, NULL, forge_extended, own_context());
  for (uint64_t end = now_ms() + 300; now_ms() < end;) raise(SIGUSR1);
}

static void try_bells(void) {
  for (int i = 0; i < ODD; i++) {
    own_context()->bell = odd[i];
    struct timespec time = {0, 1000000};
    if (i < 2) nanosleep(&time, NULL);
    getppid();
  }
}

static void forge_tid(void) {
  struct itimerval often = {{0, 2000}, {0, 2000}};
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &often, NULL);
  for (int i = 0; i < ODD; i++) {
    own_context()->tid = odd[i];
    for (volatile int wait = 0; wait < 10000000; wait++);
    munmap(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 8192);
  }
}

static void forge_spin(void) {
  own_context()->spin = 0xffffffff;
  for (int i = 0; i < 1000; i++) getppid();
  own_context()->spin = 0;
  struct timespec time = {0, 1000000};
  nanosleep(&time, NULL);
}

static void *ring_bell(void *argument) {
  (void)argument;
  for (;;) ++*(volatile uint32_t *)R3_KERNEL_BELL;
  return NULL;
}

static void storm_bell(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, ring_bell, NULL);
  for (int i = 0; i < 50; i++) {
    struct timespec time = {0, 1000000};
    nanosleep(&time, NULL);
  }
}

static void *scribble(void *argument) {
  volatile uint32_t *words = argument;
  for (;;) words[random_word() % 64] = random_word() % 3 ? random_word() % 8 : random_word();
  return NULL;
}

static void scribble_neighbour(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, scribble, own_context());
  for (uint64_t end = now_ms() + 300; now_ms() < end;) {
    getppid();
    munmap(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 8192);
  }
}

/* The places of threads that do not exist yet: what is there when they begin? */
static void *scribble_places(void *argument) {
  (void)argument;
  for (;;) {
    for (int place = 2; place < 6; place++) {
      volatile uint32_t *words = (volatile uint32_t *)(R3_THREADS + (uint64_t)place * R3_THREAD_SIZE);
      if (sigsetjmp(recovery, 0) == 0) words[0] = R3_REQUEST, words[1] = random_word() % 8, words[R3_TID / 4] = random_word();
    }
  }
  return NULL;
}

static void *end_at_once(void *argument) { return argument; }

static void scribble_newborn(void) {
  catch_faults();
  can_recover = 1;
  pthread_t scribbler, thread;
  pthread_create(&scribbler, NULL, scribble_places, NULL);
  for (uint64_t end = now_ms() + 300; now_ms() < end;) {
    if (pthread_create(&thread, NULL, end_at_once, NULL) == 0) pthread_detach(thread);
  }
}
