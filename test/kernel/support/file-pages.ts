/** A file's pages, laid out in extents of a few pages that do not lie in a row: what a page cache may look like. */
import type { FileExtent, FileMemory } from '../../../src/kernel/memory/file-memory.ts';
import type { MappedFile } from '../../../src/kernel/memory/vma.ts';
import { PAGE } from '../../../src/platform/memory-file.ts';
import type { FakeMemoryFile } from './memory-file.ts';

export class FilePages implements FileMemory {
  readonly identity: string;
  size: number;
  holders = 0;
  readonly #extents: number[] = [];
  readonly #extentSize: number;

  /** @param extentSize bytes to an extent */
  constructor(memory: FakeMemoryFile, content: Buffer, extentSize = 1 << 20, identity = 'file') {
    this.identity = identity;
    this.size = content.length;
    this.#extentSize = extentSize;
    for (let at = 0; at < content.length; at += extentSize) {
      const offset = memory.allocate(extentSize);
      memory.allocate(PAGE); // A neighbour, so that extents are not contiguous.
      memory.bytes(offset, extentSize).set(content.subarray(at, at + extentSize));
      this.#extents.push(offset);
    }
  }

  extent(position: number, length: number): FileExtent {
    if (position >= this.size) return { offset: 0, length: 0 };
    const index = Math.floor(position / this.#extentSize);
    const within = position % this.#extentSize;
    const most = Math.min(length, this.#extentSize - within, this.size - position);
    return { offset: this.#extents[index]! + within, length: most };
  }

  acquire(): void {
    this.holders++;
  }

  release(): void {
    this.holders--;
  }
}

export function mapped(memory: FileMemory, name: string): MappedFile {
  return { memory, name, device: 0x801, inode: 42 };
}
