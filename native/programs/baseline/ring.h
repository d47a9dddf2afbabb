/* The hand-over alone: how long a cache line takes to another core and back. */
#ifndef BASELINE_RING_H
#define BASELINE_RING_H

#include "side.h"

static _Noreturn void serve_ring(void) {
  for (;;) {
    wait_for(ANSWERER);
    hand_to(GUEST);
  }
}

static void start_ring(void) {
  share_line();
  start_answerer(serve_ring, 1, 0);
  pin(0);
}

static void ask_ring(void) {
  hand_to(ANSWERER);
  wait_for(GUEST);
}

#endif
