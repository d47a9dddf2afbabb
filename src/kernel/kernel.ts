/** The kernel of one sandbox: what all of its tasks share. */
import type { Platform } from '../platform/platform.ts';
import type { MemoryFile } from '../platform/memory-file.ts';

export interface Kernel {
  readonly platform: Platform;
  readonly memory: MemoryFile;
}
