/* Inside the stub: what its C files share. All of it runs as the guest, and has no right that the guest has not. */
#ifndef RING3_STUB_H
#define RING3_STUB_H
#include "abi.h"

/* Tells the kernel of an event, with the registers already in the context, and waits. Returns its answer. */
uint32_t r3_report(struct r3_context *context, uint32_t event);

/* Waits until the kernel has answered a request. `before`: the state that the request replaced. Returns the answer. */
uint32_t r3_wait(struct r3_context *context, uint32_t before);

/* Rings the kernel's bell. */
void r3_ring(void);

#endif
