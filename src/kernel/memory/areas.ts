/**
 * The areas of one address space, and where new ones go: as high as they fit below the stack, as on Linux. Nothing is
 * random, so that a library lies at the same address in every process that loads the same ones, and its patched text
 * is shared.
 */
import { EEXIST, EINVAL, ENOMEM } from '../../linux/errno.ts';
import { PAGE } from '../../platform/memory-file.ts';
import { RangeList } from './range-list.ts';
import { mergeable, splitVma, type Vma } from './vma.ts';

/** `replace` is MAP_FIXED, `keep` MAP_FIXED_NOREPLACE, `low` MAP_32BIT. */
export type Placement = 'anywhere' | 'replace' | 'keep' | 'low';

/** Kept free for the stack and what lies above it (Linux: MIN_GAP, arch/x86/mm/mmap.c). */
const STACK_GAP = 128 * 2 ** 20;
const LOW_TOP = 2 ** 31;

/** As many areas as Linux allows (vm.max_map_count). */
const MOST = 65_530;

export class Areas extends RangeList<Vma> {
  /** Bytes mapped. */
  mapped = 0;
  readonly #lowest: number;
  readonly #highest: number;

  constructor(lowest: number, highest: number) {
    super(splitVma);
    this.#lowest = lowest;
    this.#highest = highest;
  }

  get full(): boolean {
    return this.items.length >= MOST;
  }

  /** Where `length` bytes, whole pages, can be mapped; or -errno. */
  place(address: number, length: number, placement: Placement): number {
    if (!(length > 0 && length <= this.#highest - this.#lowest)) return -ENOMEM;
    const aligned = address % PAGE === 0;
    const fits = aligned && this.contains(address, address + length);
    if (placement === 'replace') return fits ? address : aligned ? -ENOMEM : -EINVAL;
    const free = fits && this.mappedBetween(address, address + length) === 0;
    if (placement === 'keep') return free ? address : fits ? -EEXIST : aligned ? -ENOMEM : -EINVAL;
    if (free && placement === 'anywhere') return address;
    const found = placement === 'low' ? this.#highestFree(length, LOW_TOP) : this.findFree(length);
    return found < 0 ? -ENOMEM : found;
  }

  /** Room for `length` bytes; -1 if there is none. */
  findFree(length: number): number {
    const found = this.#highestFree(length, this.#highest - STACK_GAP);
    return found < 0 ? this.#highestFree(length, this.#highest) : found;
  }

  /** Is a range one that guests may use? */
  contains(start: number, end: number): boolean {
    return start >= this.#lowest && end <= this.#highest && start < end;
  }

  /** Is everything mapped between two addresses? */
  covers(start: number, end: number): boolean {
    return this.mappedBetween(start, end) === end - start;
  }

  mappedBetween(start: number, end: number): number {
    let sum = 0;
    for (let index = this.indexFrom(start); index < this.items.length; index++) {
      const vma = this.items[index]!;
      if (vma.start >= end) break;
      sum += Math.min(end, vma.end) - Math.max(start, vma.start);
    }
    return sum;
  }

  /** Makes one area of those that touch and are alike, between two addresses and at both of them. */
  merge(start: number, end: number): void {
    let index = Math.max(0, this.indexFrom(start) - 1);
    while (index + 1 < this.items.length) {
      const low = this.items[index]!;
      const high = this.items[index + 1]!;
      if (high.start > end) return;
      if (mergeable(low, high)) {
        low.end = high.end;
        high.file?.memory.release();
        this.remove(index + 1);
      } else index++;
    }
  }

  #highestFree(length: number, top: number): number {
    const bottom = this.#lowest;
    let end = top;
    for (let index = Math.min(this.indexFrom(top), this.items.length - 1); index >= 0; index--) {
      const vma = this.items[index]!;
      if (vma.start >= top) continue;
      if (end - Math.max(vma.end, bottom) >= length) return end - length;
      end = Math.min(end, vma.start);
    }
    return end - bottom >= length ? end - length : -1;
  }
}
