/** The pages of a file of the host under a mapping that may write to them: changes reach the host when it ends, or at fsync. */
import { readSync, writeSync } from 'node:fs';
import type { FileExtent, FileMemory } from '../memory/file-memory.ts';
import type { HostHandle } from './host-handle.ts';
import type { FilePages } from './pages.ts';

const PIECE = 128 * 1024;

export class WriteBackMemory implements FileMemory {
  readonly #pages: FilePages;
  readonly #reader: HostHandle;
  readonly #writer: HostHandle;
  #mappings = 0;

  constructor(pages: FilePages, reader: HostHandle, writer: HostHandle) {
    this.#pages = pages;
    this.#reader = reader;
    this.#writer = writer;
  }

  get size(): number {
    return this.#pages.size;
  }

  extent(position: number, length: number): FileExtent {
    return this.#pages.extent(position, length);
  }

  acquire(): void {
    this.#mappings++;
    // Opened now: the name may be gone when the changes are to be written.
    this.#writer.descriptor();
    this.#pages.acquire();
  }

  release(): void {
    if (--this.#mappings === 0) this.#write();
    this.#pages.release();
  }

  /** Writes what mappings have changed to the host (msync(2)). */
  flush(): void {
    if (this.#mappings > 0) this.#write();
  }

  /** Nobody has told us which pages were written: those that differ from the host's. */
  #write(): void {
    const there = Buffer.allocUnsafe(PIECE);
    const [reader, writer] = [this.#reader.descriptor(), this.#writer.descriptor()];
    if (reader < 0 || writer < 0) return;
    try {
      for (let at = 0; at < this.size; at += PIECE) {
        this.#pages.eachHeld(at, Math.min(PIECE, this.size - at), (window, start, length, position) => {
          const count = readSync(reader, there, 0, length, position);
          if (count === length && window.compare(there, 0, length, start, start + length) === 0) return;
          writeSync(writer, window, start, length, position);
        });
      }
    } catch {
      // The host's disk is full or gone; a mapping has nobody to tell.
    }
  }
}
