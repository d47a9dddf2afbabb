/**
 * V8's helper threads compile and collect garbage beside the kernel. Guests and kernel look for each other's words without
 * sleeping, and on two cores a helper would take the place of one of them for milliseconds: helpers get what is left over.
 */
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

const LESS = 10;

/** The threads of this process that there are now, but the one that the kernel runs in, yield to others from now on. */
export function helpersYield(): void {
  for (const thread of readdirSync('/proc/self/task')) {
    if (Number(thread) === process.pid) continue;
    try {
      setPriority(Number(thread), LESS);
    } catch {
      // It has ended, or the host says no: slower, and no error.
    }
  }
}
