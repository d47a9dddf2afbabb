/** A process's table of descriptors (Linux: struct files_struct). */
import type { FileDescription } from './description.ts';

export interface DescriptorTable {
  /** Fails with EBADF. */
  get(fd: number): FileDescription;
}
