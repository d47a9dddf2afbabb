/* How a guest thread waits for the kernel: looks for a while, then sleeps on its bell. */
#include "stub.h"
#include "x86-64/host.h"

enum { FUTEX_WAIT = 0, FUTEX_WAKE = 1 };

static volatile uint32_t *const kernel_bell = (volatile uint32_t *)R3_KERNEL_BELL;

static void futex_wait(volatile uint32_t *word, uint32_t seen) { host_call(SYS_futex, (long)word, FUTEX_WAIT, seen, 0); }
static void futex_wake(volatile uint32_t *word) { host_call(SYS_futex, (long)word, FUTEX_WAKE, 1, 0); }

void r3_ring(void) {
  __atomic_fetch_add(kernel_bell, 1, __ATOMIC_SEQ_CST);
  futex_wake(kernel_bell);
}

static int moved_on(uint32_t state) { return state == R3_RUN || state == R3_PARKED; }

static int try_to_sleep(struct r3_context *context, uint32_t from) {
  return __atomic_compare_exchange_n(&context->state, &from, R3_ASLEEP, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* The bell is read before the state says that we sleep: whoever wakes us changes it after that. */
static void sleep_from(struct r3_context *context, uint32_t from) {
  volatile uint32_t *bell = (volatile uint32_t *)R3_BELLS + context->bell % R3_MOST_THREADS;
  uint32_t seen = *bell;
  if (!try_to_sleep(context, from)) return;
  if (from == R3_HANDOVER) futex_wake((volatile uint32_t *)(R3_CONTROL + R3_SEQUENCE));
  while (context->state == R3_ASLEEP) {
    futex_wait(bell, seen);
    seen = *bell;
  }
}

uint32_t r3_wait(struct r3_context *context, uint32_t before) {
  if (before == R3_PARKED) r3_ring();
  for (uint32_t left = context->spin;;) {
    uint32_t state = context->state;
    if (moved_on(state)) break;
    if (state == R3_REQUEST && left > 0) left--;
    else sleep_from(context, state);
  }
  uint32_t answer = context->event;
  if (answer & R3_ANSWER_TLS) set_thread_pointer(context->fs_base);
  return answer;
}

uint32_t r3_report(struct r3_context *context, uint32_t event) {
  context->event = event;
  return r3_wait(context, __atomic_exchange_n(&context->state, R3_REQUEST, __ATOMIC_SEQ_CST));
}
