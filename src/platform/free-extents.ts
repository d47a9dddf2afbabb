/**
 * The parts of the memory file that nobody has: found by size, and joined with their neighbours when they come back.
 * An extent never reaches over the border of a window.
 *
 * As in a malloc with boundary tags, what is known of a free extent stands at its first and its last page; pages that
 * are in use have no tag. The tables are as sparse as what they describe, and nothing is allocated on the way.
 */
import { PAGE, WINDOW } from './memory-file.ts';

/** Pages of a window, as a power of two. */
const WINDOW_SHIFT = Math.log2(WINDOW / PAGE);
const IN_WINDOW = 2 ** WINDOW_SHIFT - 1;

/** Four numbers a page: the extent's length in pages; the next and the previous of its class, by their first pages. */
const STRIDE = 4;
const LENGTH = 0;
const NEXT = 1;
const PREVIOUS = 2;
const NONE = -1;

/** Up to so many pages each size has a class of its own; above, every doubling is cut into eight. */
const EXACT = 64;
const CLASSES = EXACT + 8 * (WINDOW_SHIFT - Math.log2(EXACT)) + 1;

/** In the class of the wanted size some are too small: after so many, a larger class is cheaper. */
const TRIES = 16;

export class FreeExtents {
  readonly #tags: Int32Array[] = [];
  readonly #heads = new Int32Array(CLASSES).fill(NONE);
  /** A bit for each class that has members. */
  readonly #present = new Int32Array(Math.ceil(CLASSES / 32));

  /** One more window, all of it free. */
  grow(): void {
    this.#tags.push(new Int32Array(STRIDE * (IN_WINDOW + 1)));
    this.#insert((this.#tags.length - 1) << WINDOW_SHIFT, IN_WINDOW + 1);
  }

  /** @returns where `length` bytes in a row are, now the caller's; -1 if there are none. */
  take(length: number): number {
    const pages = length / PAGE;
    const found = this.#find(pages);
    if (found === NONE) return -1;
    const rest = this.#get(found, LENGTH) - pages;
    this.#remove(found);
    if (rest > 0) this.#insert(found + pages, rest);
    return found * PAGE;
  }

  add(offset: number, length: number): void {
    let first = offset / PAGE;
    let pages = length / PAGE;
    const before = (first & IN_WINDOW) === 0 ? 0 : this.#get(first - 1, LENGTH);
    if (before > 0) {
      first -= before;
      pages += before;
      this.#remove(first);
    }
    const next = first + pages;
    const after = (next & IN_WINDOW) === 0 ? 0 : this.#get(next, LENGTH);
    if (after > 0) {
      pages += after;
      this.#remove(next);
    }
    this.#insert(first, pages);
  }

  #find(pages: number): number {
    const sizeClass = classOf(pages);
    // The one freed last comes first: its pages are still in the caches.
    let extent = this.#heads[sizeClass]!;
    for (let tries = 0; extent !== NONE && tries < TRIES; tries++) {
      if (this.#get(extent, LENGTH) >= pages) return extent;
      extent = this.#get(extent, NEXT);
    }
    return this.#headAbove(sizeClass);
  }

  #headAbove(sizeClass: number): number {
    const first = sizeClass + 1;
    for (let word = first >>> 5; word < this.#present.length; word++) {
      let bits = this.#present[word]!;
      if (word === first >>> 5) bits &= -1 << (first & 31);
      if (bits !== 0) return this.#heads[word * 32 + 31 - Math.clz32(bits & -bits)]!;
    }
    return NONE;
  }

  #insert(first: number, pages: number): void {
    const sizeClass = classOf(pages);
    const next = this.#heads[sizeClass]!;
    this.#set(first, NEXT, next);
    this.#set(first, PREVIOUS, NONE);
    if (next !== NONE) this.#set(next, PREVIOUS, first);
    this.#heads[sizeClass] = first;
    this.#present[sizeClass >>> 5]! |= 1 << (sizeClass & 31);
    this.#tag(first, pages, pages);
  }

  #remove(first: number): void {
    const pages = this.#get(first, LENGTH);
    const next = this.#get(first, NEXT);
    const previous = this.#get(first, PREVIOUS);
    if (next !== NONE) this.#set(next, PREVIOUS, previous);
    if (previous !== NONE) this.#set(previous, NEXT, next);
    else this.#setHead(classOf(pages), next);
    this.#tag(first, pages, 0);
  }

  #setHead(sizeClass: number, first: number): void {
    this.#heads[sizeClass] = first;
    if (first === NONE) this.#present[sizeClass >>> 5]! &= ~(1 << (sizeClass & 31));
  }

  #tag(first: number, pages: number, length: number): void {
    this.#set(first, LENGTH, length);
    this.#set(first + pages - 1, LENGTH, length);
  }

  #get(page: number, field: number): number {
    return this.#tags[page >>> WINDOW_SHIFT]![(page & IN_WINDOW) * STRIDE + field]!;
  }

  #set(page: number, field: number, value: number): void {
    this.#tags[page >>> WINDOW_SHIFT]![(page & IN_WINDOW) * STRIDE + field] = value;
  }
}

/** Every extent of a class is at least as long as any of a lower class. */
function classOf(pages: number): number {
  if (pages <= EXACT) return pages - 1;
  const log = 31 - Math.clz32(pages);
  return EXACT + (log - 6) * 8 + ((pages >>> (log - 3)) & 7);
}
