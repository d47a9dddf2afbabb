/**
 * Copies of program text that may be patched, by file and load address: reads of the file still show what it holds, and
 * the next process that maps the same text at the same place finds its sites patched already.
 *
 * Copies that nobody shows any more are kept for the next who will, up to a bound; those left longest ago go first.
 */
import { PAGE, WINDOW, type MemoryFile } from '../memory-file.ts';
import { Text } from './text.ts';

/** Larger text stays as it is, and its calls trap: a copy would cost more memory than it saves time. */
const LARGEST = 16 * 2 ** 20;

/** Bytes of copies that nobody shows. */
const KEPT = 64 * 2 ** 20;

/** Told of copies that are new, before any guest sees them, and of those that no guest will see again. */
export interface TextWatcher {
  /** Should copies that nobody shows go, for what the watcher keeps for them? */
  readonly scarce: boolean;
  added(text: Text): void;
  removed(text: Text): void;
}

interface Copy {
  key: string;
  offset: number;
  /** Whole pages. */
  length: number;
  /** Bytes of it that guests show, each counted as often as it is shown. */
  shown: number;
  text: Text;
}

export class TextCache {
  readonly #memory: MemoryFile;
  readonly #watcher: TextWatcher;
  readonly #kept: number;
  readonly #copies = new Map<string, Copy>();
  /** Ascending by offset. */
  readonly #sorted: Copy[] = [];
  /** Copies that nobody shows, in the order in which they were left. */
  readonly #left = new Set<Copy>();
  #leftBytes = 0;

  /** @param kept bytes of copies that nobody shows */
  constructor(memory: MemoryFile, watcher: TextWatcher, kept = KEPT) {
    this.#memory = memory;
    this.#watcher = watcher;
    this.#kept = kept;
    memory.onShortage?.(() => this.drop());
  }

  /**
   * A copy, which is the caller's to show until `release`.
   *
   * @param identity what names the content: file, version, position and length
   * @param fill writes the content into the copy
   * @returns where in the memory file the copy is; undefined: map the file's own pages. Throws OutOfMemory
   */
  copy(identity: string, address: number, length: number, fill: (to: Buffer) => void): number | undefined {
    if (length > LARGEST) return undefined;
    const key = `${identity}@${address}`;
    const copy = this.#copies.get(key) ?? this.#make(key, identity, address, length, fill);
    this.#show(copy, copy.length);
    return copy.offset;
  }

  #make(key: string, identity: string, address: number, length: number, fill: (to: Buffer) => void): Copy {
    if (this.#watcher.scarce) this.#shrink(this.#leftBytes / 2);
    const whole = Math.ceil(length / PAGE) * PAGE;
    const offset = this.#memory.allocateDirty(whole);
    const start = offset % WINDOW;
    const bytes = this.#memory.windows[Math.floor(offset / WINDOW)]!.subarray(start, start + whole);
    fill(bytes);
    const copy = { key, offset, length: whole, shown: 0, text: new Text(identity, bytes, address) };
    this.#copies.set(key, copy);
    this.#sorted.splice(this.#after(offset), 0, copy);
    this.#watcher.added(copy.text);
    return copy;
  }

  /** Any part of a copy is shown once more. */
  acquire(offset: number, length: number): void {
    this.#show(this.#copyAt(offset)!, length);
  }

  /** Any part of a copy is shown once less. */
  release(offset: number, length: number): void {
    const copy = this.#copyAt(offset)!;
    copy.shown -= length;
    if (copy.shown > 0) return;
    this.#left.add(copy);
    this.#leftBytes += copy.length;
    this.#shrink(this.#kept);
  }

  /** Lets go of all copies that nobody shows. @returns whether there were any */
  drop(): boolean {
    const some = this.#left.size > 0;
    this.#shrink(0);
    return some;
  }

  /** The copy that `offset` of the memory file is part of, if a guest that shows it at `address` shows it where it belongs. */
  at(offset: number, address: number): Text | undefined {
    const copy = this.#copyAt(offset);
    return copy && address - copy.text.address === offset - copy.offset ? copy.text : undefined;
  }

  #show(copy: Copy, length: number): void {
    if (this.#left.delete(copy)) this.#leftBytes -= copy.length;
    copy.shown += length;
  }

  #shrink(bound: number): void {
    for (const copy of this.#left) {
      if (this.#leftBytes <= bound) return;
      this.#left.delete(copy);
      this.#leftBytes -= copy.length;
      this.#copies.delete(copy.key);
      this.#sorted.splice(this.#after(copy.offset) - 1, 1);
      this.#watcher.removed(copy.text);
      this.#memory.free(copy.offset, copy.length);
    }
  }

  #copyAt(offset: number): Copy | undefined {
    const copy = this.#sorted[this.#after(offset) - 1];
    return copy && offset < copy.offset + copy.length ? copy : undefined;
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
