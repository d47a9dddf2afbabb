/**
 * The parts of the memory file that nobody has: found by size, and joined with their neighbours when they come back.
 * An extent never reaches over the border of a window.
 */
import { PAGE, WINDOW } from './memory-file.ts';

interface FreeExtent {
  offset: number;
  length: number;
  sizeClass: number;
  previous: FreeExtent | undefined;
  next: FreeExtent | undefined;
}

/** Up to so many pages each size has a class of its own; above, every doubling is cut into eight. */
const EXACT = 64;
const CLASSES = EXACT + 8 * Math.log2(WINDOW / PAGE / EXACT) + 1;

/** In the class of the wanted size some are too small: after so many, a larger class is cheaper. */
const TRIES = 16;

export class FreeExtents {
  readonly #heads: (FreeExtent | undefined)[] = Array.from({ length: CLASSES });
  /** A bit for each class that has members. */
  readonly #present = new Int32Array(Math.ceil(CLASSES / 32));
  readonly #byStart = new Map<number, FreeExtent>();
  readonly #byEnd = new Map<number, FreeExtent>();

  /** @returns where `length` bytes in a row are, now the caller's; -1 if there are none. */
  take(length: number): number {
    const sizeClass = classOf(length);
    const found = this.#firstFit(sizeClass, length) ?? this.#largerThan(sizeClass);
    if (!found) return -1;
    this.#remove(found);
    if (found.length > length) this.#insert(found.offset + length, found.length - length);
    return found.offset;
  }

  add(offset: number, length: number): void {
    let start = offset;
    let end = offset + length;
    const before = start % WINDOW === 0 ? undefined : this.#byEnd.get(start);
    if (before) {
      this.#remove(before);
      start = before.offset;
    }
    const after = end % WINDOW === 0 ? undefined : this.#byStart.get(end);
    if (after) {
      this.#remove(after);
      end += after.length;
    }
    this.#insert(start, end - start);
  }

  /** The one freed last comes first: its pages are still in the caches. */
  #firstFit(sizeClass: number, length: number): FreeExtent | undefined {
    let extent = this.#heads[sizeClass];
    for (let tries = 0; extent && extent.length < length; tries++) {
      extent = tries < TRIES ? extent.next : undefined;
    }
    return extent;
  }

  #largerThan(sizeClass: number): FreeExtent | undefined {
    const first = sizeClass + 1;
    for (let word = first >>> 5; word < this.#present.length; word++) {
      let bits = this.#present[word]!;
      if (word === first >>> 5) bits &= -1 << (first & 31);
      if (bits !== 0) return this.#heads[word * 32 + 31 - Math.clz32(bits & -bits)];
    }
    return undefined;
  }

  #insert(offset: number, length: number): void {
    const sizeClass = classOf(length);
    const next = this.#heads[sizeClass];
    const extent = { offset, length, sizeClass, previous: undefined, next };
    if (next) next.previous = extent;
    this.#heads[sizeClass] = extent;
    this.#present[sizeClass >>> 5]! |= 1 << (sizeClass & 31);
    this.#byStart.set(offset, extent);
    this.#byEnd.set(offset + length, extent);
  }

  #remove(extent: FreeExtent): void {
    const { previous, next, sizeClass } = extent;
    if (next) next.previous = previous;
    if (previous) previous.next = next;
    else {
      this.#heads[sizeClass] = next;
      if (!next) this.#present[sizeClass >>> 5]! &= ~(1 << (sizeClass & 31));
    }
    this.#byStart.delete(extent.offset);
    this.#byEnd.delete(extent.offset + extent.length);
  }
}

/** Every extent of a class is at least as long as any of a lower class. */
function classOf(length: number): number {
  const pages = length / PAGE;
  if (pages <= EXACT) return pages - 1;
  const log = 31 - Math.clz32(pages);
  return EXACT + (log - 6) * 8 + ((pages >>> (log - 3)) & 7);
}
