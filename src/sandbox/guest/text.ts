/** Where a rewriting platform's copies of program text come from: the files that guests map. */
import type { FileMemory } from '../../kernel/memory/file-memory.ts';
import type { TextProvider } from '../../kernel/memory/text-provider.ts';
import { WINDOW, type MemoryFile } from '../../platform/memory-file.ts';
import type { TextCache } from '../../platform/rewrite/text-cache.ts';

export class GuestText implements TextProvider {
  readonly #memory: MemoryFile;
  readonly #cache: TextCache;

  constructor(memory: MemoryFile, cache: TextCache) {
    this.#memory = memory;
    this.#cache = cache;
  }

  text(file: FileMemory, fileOffset: number, length: number, address: number): number {
    const { identity } = file;
    const part = Math.min(length, file.size - fileOffset);
    if (identity === undefined || part <= 0) return -1;
    const key = `${identity}:${fileOffset}+${part}`;
    const copy = this.#cache.copy(key, address, length, (to) => this.#fill(file, fileOffset, to));
    return copy ?? -1;
  }

  #fill(file: FileMemory, fileOffset: number, to: Buffer): void {
    let done = 0;
    while (done < to.length) {
      const extent = file.extent(fileOffset + done, to.length - done);
      const part = Math.min(extent.length, to.length - done);
      if (part <= 0) break;
      const start = extent.offset % WINDOW;
      this.#memory.windows[Math.floor(extent.offset / WINDOW)]!.copy(to, done, start, start + part);
      done += part;
    }
    to.fill(0, done);
  }

  acquire(offset: number, length: number): void {
    this.#cache.acquire(offset, length);
  }

  release(offset: number, length: number): void {
    this.#cache.release(offset, length);
  }
}
