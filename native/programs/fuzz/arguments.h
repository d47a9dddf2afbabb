/* Arguments that are right, nearly right, or anything. */

enum { ARENA = 1 << 18, PLAYGROUND = 1 << 20, NAME_ROOM = 64, NAMES = 20 };
static char *arena, *playground; /* behind the playground lies nothing that a worker needs */

static const char *const names[NAMES] = {
    "/tmp", "/tmp/a", "/tmp/b", "/tmp/d", "/tmp/d/e", "/tmp/a/b", ".", "..", "/", "/etc/passwd", "/dev/null", "/dev/zero", "/proc/self/maps",
    "/proc/self/fd/3", "/proc/self/status", "/proc", "/dev/ptmx", "/bin/sh", "", "user.x",
};

static const uint64_t edges[] = {0, 1, 2, 7, 8, 4095, 4096, 4097, 65535, 65536, 1 << 20, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
                                 1ull << 40, 0x7effffffffff, 0x7f0000000000, 1ull << 47, 1ull << 53, 1ull << 62, ~0ull >> 1, 1ull << 63,
                                 -4096ull, -100ull, -2ull, -1ull};
enum { EDGES = sizeof edges / sizeof *edges };

static uint64_t anything(struct random *random) {
  if (chance(random, 2)) return edges[below(random, EDGES)];
  return next64(random) >> below(random, 64);
}

/* Into memory that is scribbled over; sometimes across its end, into what cannot be written, or nowhere. */
static uint64_t pointer(struct random *random) {
  switch (below(random, 16)) {
    case 0: return 0;
    case 1: return anything(random);
    case 2: return (uint64_t)arena + ARENA - below(random, 64);
    case 3: return (uint64_t)playground + below(random, PLAYGROUND);
    case 4: return (uint64_t)arena + below(random, ARENA);
    default: return (uint64_t)arena + (below(random, ARENA) & ~15u);
  }
}

static uint64_t length(struct random *random) {
  switch (below(random, 8)) {
    case 0: return anything(random);
    case 1: return below(random, 1 << 20);
    case 2: return 4096 * (uint64_t)below(random, 64);
    case 3: return 8;
    default: return below(random, 512);
  }
}

static uint64_t name(struct random *random) {
  if (chance(random, 16)) return pointer(random);
  char *at = arena + NAME_ROOM * below(random, ARENA / NAME_ROOM);
  if (!chance(random, 8)) strcpy(at, names[below(random, NAMES)]);
  return (uint64_t)at;
}

/* A struct iovec array whose parts lie in the arena. */
static uint64_t vector(struct random *random) {
  if (chance(random, 8)) return pointer(random);
  uint64_t *at = (uint64_t *)(arena + (below(random, ARENA - 256) & ~15u));
  for (int i = 0; i < 8; i++) at[2 * i] = pointer(random), at[2 * i + 1] = length(random);
  return (uint64_t)at;
}

/* Short, or impossible. */
static uint64_t timeout(struct random *random) {
  if (chance(random, 16)) return pointer(random);
  uint64_t *at = (uint64_t *)(arena + (below(random, ARENA - 32) & ~15u));
  at[0] = chance(random, 16) ? anything(random) : 0;
  at[1] = chance(random, 16) ? anything(random) : below(random, 200000);
  return (uint64_t)at;
}

static uint64_t flags(struct random *random) {
  uint64_t bits = 0;
  for (int count = below(random, 4); count > 0; count--) bits |= 1ull << below(random, 24);
  return chance(random, 32) ? anything(random) : bits;
}

/* A struct sigaction of the host's kernel; mostly with a handler that exists. */
static uint64_t action(struct random *random) {
  if (chance(random, 100)) return pointer(random);
  uint64_t *at = (uint64_t *)(arena + (below(random, ARENA - 64) & ~15u));
  at[0] = below(random, 2), at[1] = flags(random), at[2] = 0, at[3] = anything(random);
  return (uint64_t)at;
}

static uint64_t socket_address(struct random *random) {
  if (chance(random, 8)) return pointer(random);
  unsigned char *at = (unsigned char *)arena + (below(random, ARENA - 128) & ~15u);
  memset(at, 0, 32);
  switch (below(random, 4)) {
    case 0: at[0] = 2, at[2] = 0x1f, at[3] = (unsigned char)below(random, 4), at[4] = 127, at[7] = 1; break;
    case 1: at[0] = 10, at[2] = 0x1f, at[3] = (unsigned char)below(random, 4), at[23] = 1; break;
    case 2: at[0] = 1, strcpy((char *)at + 2, "/tmp/s"); break;
    default: at[0] = 1, at[3] = 'x'; break;
  }
  return (uint64_t)at;
}

static uint64_t mapping(struct random *random) {
  if (chance(random, 100)) return pointer(random);
  return (uint64_t)playground + 4096ull * below(random, PLAYGROUND / 4096);
}

/* Itself, its children, groups, nobody; not the first process, which has to start the next worker. */
static uint64_t process(struct random *random) {
  switch (below(random, 8)) {
    case 0: return 0;
    case 1: return (uint64_t)-(int64_t)getpid();
    case 2: return (uint64_t)getpid() + 1 + below(random, 4);
    case 3: return 2 + below(random, 1 << 20);
    case 4: return -1ull;
    default: return (uint64_t)syscall(SYS_gettid);
  }
}

static uint64_t signal_number(struct random *random) {
  static const unsigned char mild[] = {0, SIGCHLD, SIGURG, SIGWINCH, SIGCONT, SIGUSR2, 40};
  return chance(random, 8) ? below(random, 70) : mild[below(random, sizeof mild)];
}

static uint64_t argument(struct random *random, char kind) {
  switch (chance(random, 64) && kind != 'd' ? 'u' : kind) {
    case 'f': return chance(random, 16) ? (uint64_t)(int64_t)(below(random, 200) - 110) : below(random, 40);
    case 'n': return name(random);
    case 'p': return pointer(random);
    case 'v': return vector(random);
    case 't': return timeout(random);
    case 'l': return length(random);
    case 'o': return flags(random);
    case 'i': return chance(random, 16) ? anything(random) : below(random, 12);
    case 'g': return signal_number(random);
    case 'd': return process(random);
    case 'a': return mapping(random);
    case 'm': return below(random, 8) | (chance(random, 8) ? 0600 : 0);
    case 'h': return action(random);
    case 'w': return (uint64_t)arena + 4ull * below(random, 8);
    case 'k': return socket_address(random);
    default: return anything(random);
  }
}
