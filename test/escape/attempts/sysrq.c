/*
 * Idea: one character written to /proc/sysrq-trigger reboots or crashes the machine, kills everything, or dumps
 * memory to the console.
 * Incident: on every runtime's list of read-only paths since containers exist.
 * Success: it opens for writing (nothing is written).
 * Usage: sysrq
 */
#include "attempt.h"

int main(void) {
  open_for_writing("/proc/sysrq-trigger");
  open_for_writing("/proc/self/root/proc/sysrq-trigger");
  open_for_writing("/proc/thread-self/root/proc/sysrq-trigger");
  contained();
}
