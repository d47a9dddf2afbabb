/**
 * The file behind a shared anonymous mapping: it has no name, and lives as long as something maps it (Linux:
 * shmem_zero_setup, mm/shmem.c).
 */
import type { MemoryFile } from '../../platform/memory-file.ts';
import type { FileExtent, FileMemory } from './file-memory.ts';
import type { MappedFile } from './vma.ts';

/** Pages come in extents of so many bytes, the last one shorter. */
const EXTENT = 8 * 2 ** 20;

export class AnonymousFile implements FileMemory {
  readonly size: number;
  readonly #memory: MemoryFile;
  readonly #extents = new Map<number, number>();
  #holders = 0;

  /** @param size a multiple of the page size */
  constructor(memory: MemoryFile, size: number) {
    this.#memory = memory;
    this.size = size;
  }

  extent(position: number, length: number): FileExtent {
    if (position >= this.size) return { offset: 0, length: 0 };
    const index = Math.floor(position / EXTENT);
    const whole = Math.min(EXTENT, this.size - index * EXTENT);
    let offset = this.#extents.get(index);
    if (offset === undefined) this.#extents.set(index, (offset = this.#memory.allocate(whole)));
    const within = position - index * EXTENT;
    return { offset: offset + within, length: Math.min(length, whole - within) };
  }

  acquire(): void {
    this.#holders++;
  }

  release(): void {
    if (--this.#holders > 0) return;
    for (const [index, offset] of this.#extents) {
      this.#memory.free(offset, Math.min(EXTENT, this.size - index * EXTENT));
    }
    this.#extents.clear();
  }
}

/** As /proc/PID/maps shows it. */
export function anonymousFile(memory: MemoryFile, size: number): MappedFile {
  return { memory: new AnonymousFile(memory, size), name: '/dev/zero (deleted)', device: 1, inode: 1 };
}
