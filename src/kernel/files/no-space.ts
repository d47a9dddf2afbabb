/** What a file system says when the sandbox's memory is used up. */
import { ENOSPC } from '../../linux/errno.ts';
import { OutOfMemory } from '../../platform/out-of-memory.ts';

/** -ENOSPC for the error that means it; throws any other. */
export function noSpace(error: unknown): number {
  if (error instanceof OutOfMemory) return -ENOSPC;
  throw error;
}
