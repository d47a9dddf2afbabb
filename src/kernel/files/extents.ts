/**
 * Which pages of the memory file hold which part of a file: extents in the order of their positions, with holes between
 * them. Most files have one.
 */
import { PAGE, WINDOW, type MemoryFile } from '../../platform/memory-file.ts';

export function pageDown(position: number): number {
  return position - (position % PAGE);
}

export function pageUp(position: number): number {
  return pageDown(position + PAGE - 1);
}

export class Extents {
  readonly #memory: MemoryFile;
  /** Position in the file, place in the memory file, and length; multiples of the page size. */
  readonly #starts: number[] = [];
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];
  /** Bytes of memory held. */
  held = 0;

  constructor(memory: MemoryFile) {
    this.#memory = memory;
  }

  get count(): number {
    return this.#starts.length;
  }

  /** The extent that begins last at or before `position`; -1: there is none. */
  #before(position: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= position) low = middle + 1;
      else high = middle - 1;
    }
    return high;
  }

  /** Where `position` is in the memory file; -1 in a hole. `reach` then says how far the extent, or the hole, goes on. */
  locate(position: number): number {
    const index = this.#before(position);
    if (index >= 0) {
      const into = position - this.#starts[index]!;
      if (into < this.#lengths[index]!) {
        this.reach = this.#lengths[index]! - into;
        return this.#offsets[index]! + into;
      }
    }
    const next = this.#starts[index + 1];
    this.reach = next === undefined ? Number.POSITIVE_INFINITY : next - position;
    return -1;
  }

  /** See `locate`. */
  reach = 0;

  /**
   * Fills the hole at `position` with up to `wanted` bytes of zeros, or of anything when `dirty`. @returns the place of `position`
   * in the memory file; `reach` as after `locate`.
   */
  insert(position: number, wanted: number, dirty: boolean): number {
    const index = this.#before(position) + 1;
    const start = pageDown(position);
    const room = (this.#starts[index] ?? Number.POSITIVE_INFINITY) - start;
    const length = Math.min(pageUp(position - start + wanted), room, WINDOW);
    const offset = dirty ? this.#memory.allocateDirty(length) : this.#memory.allocate(length);
    this.held += length;
    if (this.#continues(index - 1, start, offset)) {
      this.#lengths[index - 1]! += length;
    } else {
      this.#starts.splice(index, 0, start);
      this.#offsets.splice(index, 0, offset);
      this.#lengths.splice(index, 0, length);
    }
    this.reach = length - (position - start);
    return offset + position - start;
  }

  /** Does what is at `start` and `offset` follow the extent in the file and in the same window of the memory file? */
  #continues(index: number, start: number, offset: number): boolean {
    if (index < 0) return false;
    const length = this.#lengths[index]!;
    const before = this.#offsets[index]!;
    return (
      this.#starts[index]! + length === start &&
      before + length === offset &&
      Math.floor(before / WINDOW) === Math.floor(offset / WINDOW)
    );
  }

  /** Moves all to one extent of `length` bytes; only while no mapping holds the pages. */
  relocate(length: number): void {
    const offset = this.#memory.allocate(length);
    for (let i = 0; i < this.count; i++) {
      const from = this.#memory.windows[Math.floor(this.#offsets[i]! / WINDOW)]!;
      const at = this.#offsets[i]! % WINDOW;
      this.#memory.write(offset + this.#starts[i]!, from, at, this.#lengths[i]!);
    }
    this.freeFrom(0);
    this.#starts.push(0);
    this.#offsets.push(offset);
    this.#lengths.push(length);
    this.held = length;
  }

  /** Gives back the pages from `position`, a multiple of the page size, on. */
  freeFrom(position: number): void {
    while (this.count > 0) {
      const last = this.count - 1;
      const keep = Math.max(0, position - this.#starts[last]!);
      const length = this.#lengths[last]!;
      if (keep >= length) return;
      this.#memory.free(this.#offsets[last]! + keep, length - keep);
      this.held -= length - keep;
      if (keep > 0) {
        this.#lengths[last] = keep;
        return;
      }
      this.#starts.pop();
      this.#offsets.pop();
      this.#lengths.pop();
    }
  }
}
