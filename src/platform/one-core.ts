/**
 * Where every call is a switch from guest to kernel and back, both run on one core: the host then goes from one to the other at
 * once, while a wake across cores takes ten times as long.
 */
import { addon } from '../linux/addon.ts';

/** Keeps this thread, and the processes that it starts, on one core. @returns how to undo it for this thread */
export function shareCore(): () => void {
  const cores = addon().cores();
  // Sandboxes beside each other are on different cores, by and large.
  addon().pin(cores[process.pid % cores.length]!);
  return () => addon().pin(...cores);
}
