/* Random numbers of one thread (Steele, Lea, Flood: SplitMix64). */
struct random { uint64_t state; };

static uint64_t next64(struct random *random) {
  uint64_t z = random->state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

static uint32_t below(struct random *random, uint32_t bound) { return (uint32_t)(next64(random) >> 32) % bound; }
static int chance(struct random *random, uint32_t in) { return below(random, in) == 0; }
