/**
 * A platform that patches code keeps copies of the text of files, patched for the address where they are mapped, and
 * shares them among all processes that map them there.
 */
import type { FileMemory } from './file-memory.ts';

export interface TextProvider {
  /**
   * The pages to show in place of `length` bytes of a file at `fileOffset` that become executable at `address`, in a
   * private mapping that is not writable. All are multiples of the page size.
   *
   * @returns where the copy is in the memory file; -1: show the file's own pages. The caller holds a copy until `release`.
   */
  text(file: FileMemory, fileOffset: number, length: number, address: number): number;
  /** One more process shows any part of a copy (fork), or stops to. */
  acquire(offset: number, length: number): void;
  release(offset: number, length: number): void;
}
