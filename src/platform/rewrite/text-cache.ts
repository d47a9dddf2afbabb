/**
 * Copies of program text that may be patched, by file and load address: reads of the file still show what it holds, and
 * the next process that maps the same text at the same place finds its sites patched already.
 */
import { PAGE, WINDOW, type MemoryFile } from '../memory-file.ts';
import type { Text } from './sites.ts';

/** Larger text stays as it is, and its calls trap: a copy would cost more memory than it saves time. */
const LARGEST = 16 * 2 ** 20;

interface Copy {
  offset: number;
  length: number;
  text: Text;
}

export class TextCache {
  readonly #memory: MemoryFile;
  readonly #copies = new Map<string, Copy>();
  /** Ascending by offset. */
  readonly #sorted: Copy[] = [];

  constructor(memory: MemoryFile) {
    this.#memory = memory;
  }

  /**
   * @param identity what names the content: file, version, position and length
   * @param fill writes the content into the copy
   * @returns where in the memory file the copy is; undefined: map the file's own pages
   */
  copy(identity: string, address: number, length: number, fill: (to: Buffer) => void): number | undefined {
    if (length > LARGEST) return undefined;
    const key = `${identity}@${address}`;
    const known = this.#copies.get(key);
    if (known) return known.offset;
    const offset = this.#memory.allocateDirty(Math.ceil(length / PAGE) * PAGE);
    const start = offset % WINDOW;
    const bytes = this.#memory.windows[Math.floor(offset / WINDOW)]!.subarray(start, start + length);
    fill(bytes);
    const copy = { offset, length, text: { bytes, address } };
    this.#copies.set(key, copy);
    this.#sorted.splice(this.#after(offset), 0, copy);
    return offset;
  }

  /** The copy that `offset` of the memory file is part of, if a guest that shows it at `address` shows it where it belongs. */
  at(offset: number, address: number): Text | undefined {
    const copy = this.#sorted[this.#after(offset) - 1];
    if (!copy || offset >= copy.offset + copy.length) return undefined;
    return address - copy.text.address === offset - copy.offset ? copy.text : undefined;
  }

  /** The index of the first copy behind `offset`. */
  #after(offset: number): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sorted[middle]!.offset <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
