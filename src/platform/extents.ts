/**
 * Hands out the memory file. What comes back is kept, up to a bound, because a page that exists is cheaper to clear or
 * to copy to than a new one is to fault in.
 *
 * Invariant: every page that nobody has is zero, unless it is marked in #dirty.
 */
import { DirtyPages } from './dirty-pages.ts';
import { FreeExtents } from './free-extents.ts';
import { PAGE, WINDOW } from './memory-file.ts';
import { OutOfMemory } from './out-of-memory.ts';

/** The file behind the extents. */
export interface Backing {
  readonly windows: readonly Buffer[];
  /** Adds a window, all zeros. @returns false when there can be no more */
  grow(): boolean;
  /** Pairs of start and length, in bytes, of what exists (lseek(2), SEEK_DATA); the rest reads as zeros. */
  populated(offset: number, length: number): number[];
  /** Gives pages back to the host; they read as zeros (fallocate(2), FALLOC_FL_PUNCH_HOLE). */
  punch(offset: number, length: number): void;
  /** Bytes of the whole file that exist. May be slow; asked only when more has been handed out than the limit. */
  existing(): number;
}

/** How many bytes of free pages are kept. */
const KEPT = 64 * 2 ** 20;

/** Up to so many bytes it costs more to ask which pages exist than to clear them all. */
const NOT_ASKED = 16 * PAGE;

/** Runs from so many bytes on are cleared by giving them back: not all of them will be touched again. */
const PUNCHED = 2 ** 20;

const NONE: readonly number[] = [];

export class Extents {
  readonly #backing: Backing;
  readonly #limit: number;
  readonly #free = new FreeExtents();
  readonly #dirty = new DirtyPages();
  #used = 0;
  /** Bytes that existed at a time, of the times when it was asked: near the limit always. */
  most = 0;
  /** Asked to give up what can be had again, when there is no room. They say whether there was any. */
  readonly reserves: (() => boolean)[] = [];

  /**
   * @param limit bytes that may exist at a time. What is handed out and not touched does not exist; so more than this is handed
   *   out, in small pieces (see `overcommits`), as long as there is room for the next
   */
  constructor(backing: Backing, limit = Infinity) {
    this.#backing = backing;
    this.#limit = limit;
  }

  /** Bytes handed out now. */
  get used(): number {
    return this.#used;
  }

  /** Could more exist than the limit, if `length` more were handed out and all of it touched? */
  overcommits(length: number): boolean {
    return this.#used + length > this.#limit;
  }

  /** Bytes of free pages that are kept. */
  get kept(): number {
    return this.#dirty.bytes;
  }

  /**
   * Pages that are zero, contiguous in one window.
   *
   * @param length a multiple of PAGE, at most WINDOW
   * @param overwritten pairs of start (relative to the extent, ascending) and length that the caller writes at once: they
   *   hold whatever was there
   * @throws OutOfMemory when there would be more than the limit
   */
  allocate(length: number, overwritten: readonly number[] = NONE): number {
    const offset = this.#take(length);
    let done = 0;
    for (let at = 0; at < overwritten.length; at += 2) {
      const start = overwritten[at]!;
      if (start > done) this.#dirty.take(offset + done, start - done, this.#clear);
      done = start + overwritten[at + 1]!;
      this.#dirty.take(offset + start, done - start);
    }
    if (done < length) this.#dirty.take(offset + done, length - done, this.#clear);
    return offset;
  }

  /** As `allocate`; all pages hold whatever was there. */
  allocateDirty(length: number): number {
    const offset = this.#take(length);
    this.#dirty.take(offset, length);
    return offset;
  }

  /** Takes back any page-aligned part of what was handed out. */
  free(offset: number, length: number): void {
    if (length <= NOT_ASKED) this.#keep(offset, length);
    else {
      const populated = this.#backing.populated(offset, length);
      for (let at = 0; at < populated.length; at += 2) this.#keep(populated[at]!, populated[at + 1]!);
    }
    this.#used -= length;
    this.#free.add(offset, length);
  }

  /** Fills with zeros what stays handed out. */
  discard(offset: number, length: number): void {
    if (length <= PAGE) return this.#clear(offset, length);
    const populated = this.#backing.populated(offset, length);
    for (let at = 0; at < populated.length; at += 2) this.#clear(populated[at]!, populated[at + 1]!);
  }

  #take(length: number): number {
    if (this.#exceeds(length) && (!this.#relieve() || this.#exceeds(length))) {
      throw new OutOfMemory(length, this.#used);
    }
    let offset = this.#free.take(length);
    if (offset < 0) {
      if (!this.#backing.grow()) throw new OutOfMemory(length, this.#used);
      this.#dirty.grow();
      this.#free.grow();
      offset = this.#free.take(length);
    }
    this.#used += length;
    return offset;
  }

  #exceeds(length: number): boolean {
    if (!this.overcommits(length)) return false;
    const existing = this.#backing.existing();
    this.most = Math.max(this.most, existing);
    return existing - this.kept + length > this.#limit;
  }

  #relieve(): boolean {
    return this.reserves.map((giveUp) => giveUp()).includes(true);
  }

  #keep(offset: number, length: number): void {
    if (this.#dirty.bytes + length > KEPT) this.#backing.punch(offset, length);
    else this.#dirty.add(offset, length);
  }

  readonly #clear = (offset: number, length: number): void => {
    if (length >= PUNCHED) return this.#backing.punch(offset, length);
    const start = offset % WINDOW;
    this.#backing.windows[Math.floor(offset / WINDOW)]!.fill(0, start, start + length);
  };
}
