/** Which free pages of the memory file may hold something other than zeros: one bit a page, 32 KiB a window. */
import { PAGE, WINDOW } from './memory-file.ts';

const WORDS = WINDOW / PAGE / 32;

export class DirtyPages {
  readonly #windows: Int32Array[] = [];
  /** How much is marked, in bytes. */
  bytes = 0;

  grow(): void {
    this.#windows.push(new Int32Array(WORDS));
  }

  /** Marks pages that are not marked yet. The range lies in one window. */
  add(offset: number, length: number): void {
    const map = this.#windows[Math.floor(offset / WINDOW)]!;
    const first = (offset % WINDOW) / PAGE;
    const end = first + length / PAGE;
    for (let page = first; page < end; page = (page | 31) + 1) {
      map[page >>> 5]! |= maskOf(page, end);
    }
    this.bytes += length;
  }

  /** Unmarks the pages of a range in one window. @param visit told of every run that was marked, start and length */
  take(offset: number, length: number, visit?: (offset: number, length: number) => void): void {
    if (this.bytes === 0) return;
    const map = this.#windows[Math.floor(offset / WINDOW)]!;
    const base = Math.floor(offset / WINDOW) * WINDOW;
    const end = ((offset % WINDOW) + length) / PAGE;
    let page = (offset % WINDOW) / PAGE;
    while (page < end) {
      page = nextMarked(map, page, end);
      const start = page;
      page = unmark(map, page, end);
      if (page === start) continue;
      this.bytes -= (page - start) * PAGE;
      visit?.(base + start * PAGE, (page - start) * PAGE);
    }
  }
}

/** The bits of `page` and those after it in its word, up to `end`. */
function maskOf(page: number, end: number): number {
  const after = end - (page & ~31);
  return (-1 << (page & 31)) & (after >= 32 ? -1 : ~(-1 << after));
}

function nextMarked(map: Int32Array, from: number, end: number): number {
  for (let page = from; page < end; page = (page | 31) + 1) {
    const bits = map[page >>> 5]! & maskOf(page, end);
    if (bits !== 0) return (page & ~31) + 31 - Math.clz32(bits & -bits);
  }
  return end;
}

/** @returns the page after the run of marked ones that begins at `from` */
function unmark(map: Int32Array, from: number, end: number): number {
  let page = from;
  while (page < end) {
    const mask = maskOf(page, end);
    const clear = ~map[page >>> 5]! & mask;
    if (clear === 0) {
      map[page >>> 5]! &= ~mask;
      page = Math.min(end, (page | 31) + 1);
      continue;
    }
    const stop = (page & ~31) + 31 - Math.clz32(clear & -clear);
    if (stop > page) map[page >>> 5]! &= ~maskOf(page, stop);
    return stop;
  }
  return end;
}
