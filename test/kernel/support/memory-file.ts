/** A memory file without a memfd: its windows are ordinary buffers, and a page exists if it holds anything but zeros. */
import { Extents, type Backing } from '../../../src/platform/extents.ts';
import { PAGE, WINDOW, type MemoryFile } from '../../../src/platform/memory-file.ts';

const ZEROS = Buffer.alloc(PAGE);

export class FakeBacking implements Backing {
  readonly windows: Buffer[] = [];
  readonly #most: number;

  /** Does `existing` count what exists, in the first bytes of each window? */
  readonly looked: number;

  constructor(most = 4, looked = 0) {
    this.#most = most;
    this.looked = looked;
  }

  /** The host gives pages to a buffer only when they are touched. */
  grow(): boolean {
    if (this.windows.length === this.#most) return false;
    this.windows.push(Buffer.alloc(WINDOW));
    return true;
  }

  populated(offset: number, length: number): number[] {
    const pairs: number[] = [];
    const window = this.windows[Math.floor(offset / WINDOW)]!;
    for (let at = offset; at < offset + length; at += PAGE) {
      const start = at % WINDOW;
      if (window.compare(ZEROS, 0, PAGE, start, start + PAGE) === 0) continue;
      if (pairs.length > 0 && at === pairs.at(-2)! + pairs.at(-1)!) pairs[pairs.length - 1]! += PAGE;
      else pairs.push(at, PAGE);
    }
    return pairs;
  }

  /** What is not zero; or everything that was handed out, for tests that want a limit to be that. */
  existing(): number {
    if (this.looked === 0) return Infinity;
    const pairs = this.windows.flatMap((_, index) => this.populated(index * WINDOW, this.looked));
    return pairs.reduce((sum, value, index) => (index % 2 === 1 ? sum + value : sum), 0);
  }

  punch(offset: number, length: number): void {
    const start = offset % WINDOW;
    this.windows[Math.floor(offset / WINDOW)]!.fill(0, start, start + length);
  }
}

export class FakeMemoryFile implements MemoryFile {
  readonly #backing: FakeBacking;
  readonly #extents: Extents;

  /**
   * @param limit bytes that may be allocated at a time
   * @param looked bytes of a window in which existing pages are counted, so that more than the limit can be allocated
   */
  constructor(limit = Infinity, looked = 0) {
    this.#backing = new FakeBacking(4, looked);
    this.#extents = new Extents(this.#backing, limit);
  }

  get windows(): readonly Buffer[] {
    return this.#backing.windows;
  }

  get used(): number {
    return this.#extents.used;
  }

  allocate(length: number, overwritten?: readonly number[]): number {
    return this.#extents.allocate(length, overwritten);
  }

  allocateDirty(length: number): number {
    return this.#extents.allocateDirty(length);
  }

  overcommits(length: number): boolean {
    return this.#extents.overcommits(length);
  }

  faultIn(): void {}

  write(offset: number, from: Buffer, start: number, length: number): void {
    from.copy(this.windows[Math.floor(offset / WINDOW)]!, offset % WINDOW, start, start + length);
  }

  free(offset: number, length: number): void {
    this.#extents.free(offset, length);
  }

  discard(offset: number, length: number): void {
    this.#extents.discard(offset, length);
  }

  onShortage(giveUp: () => boolean): void {
    this.#extents.reserves.push(giveUp);
  }

  populated(offset: number, length: number): number[] {
    return this.#backing.populated(offset, length);
  }

  /** For tests: the bytes at an offset. */
  bytes(offset: number, length: number): Buffer {
    const start = offset % WINDOW;
    return this.windows[Math.floor(offset / WINDOW)]!.subarray(start, start + length);
  }
}
