/**
 * Which pages of the memory file this process has mapped already: one bit a page, 32 KiB a window.
 *
 * To touch a page for the first time is a fault, which takes a virtual machine up to 15 µs, a page at a time; to ask for many
 * at once takes 1.4 µs each, and 0.1 µs where they exist (madvise(2), MADV_POPULATE_WRITE, Linux 5.14).
 */
import { addon } from '../linux/addon.ts';
import { PAGE, WINDOW } from './memory-file.ts';

const WORDS = WINDOW / PAGE / 32;

export class PresentPages {
  readonly #windows: Uint32Array[] = [];
  #possible = true;

  grow(): void {
    this.#windows.push(new Uint32Array(WORDS));
  }

  /** Faults in what is not there of a range in one window. */
  need(window: Buffer, index: number, start: number, length: number): void {
    if (length <= 0 || !this.#possible) return;
    const map = this.#windows[index]!;
    const end = Math.ceil((start + length) / PAGE);
    const first = this.#firstAbsent(index, start, end);
    if (first === end) return;
    for (let page = first; page < end; page++) map[page >>> 5]! |= 1 << (page & 31);
    this.#possible = addon().populate(window, first * PAGE, (end - first) * PAGE);
  }

  /** Are all pages of a range in one window mapped? */
  has(index: number, start: number, length: number): boolean {
    const end = Math.ceil((start + length) / PAGE);
    return this.#firstAbsent(index, start, end) === end;
  }

  /** @returns a page; `end` when there is none */
  #firstAbsent(index: number, start: number, end: number): number {
    const map = this.#windows[index]!;
    let page = Math.floor(start / PAGE);
    while (page < end && map[page >>> 5]! & (1 << (page & 31))) page++;
    return page;
  }

  /** They are gone from the file, and from our mapping. */
  forget(index: number, start: number, length: number): void {
    const map = this.#windows[index]!;
    for (let page = start / PAGE; page < (start + length) / PAGE; page++)
      map[page >>> 5]! &= ~(1 << (page & 31));
  }
}
