/** The memory file for real: a memfd, its shared part, and windows over the rest. */
import { closeSync, fstatSync } from 'node:fs';
import { addon } from '../linux/addon.ts';
import { Extents, type Backing } from './extents.ts';
import { WINDOW, type MemoryFile } from './memory-file.ts';
import { PresentPages } from './present-pages.ts';
import { SHARED_SIZE, SharedMemory } from './shared-memory.ts';

/** As many windows as a process may reasonably reserve addresses for: 64 GiB. */
const MOST_WINDOWS = 64;

class Windows implements Backing {
  readonly windows: Buffer[] = [];
  readonly #present = new PresentPages();
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  grow(): boolean {
    if (this.windows.length === MOST_WINDOWS) return false;
    const offset = SHARED_SIZE + this.windows.length * WINDOW;
    this.windows.push(Buffer.from(addon().mapWindow(this.#fd, offset, WINDOW)));
    this.#present.grow();
    return true;
  }

  populated(offset: number, length: number): number[] {
    const ranges = addon().populated(this.#fd, SHARED_SIZE + offset, length);
    for (let at = 0; at < ranges.length; at += 2) ranges[at]! -= SHARED_SIZE;
    return ranges;
  }

  punch(offset: number, length: number): void {
    addon().punch(this.#fd, SHARED_SIZE + offset, length);
    this.#present.forget(Math.floor(offset / WINDOW), offset % WINDOW, length);
  }

  faultIn(offset: number, length: number): void {
    const index = Math.floor(offset / WINDOW);
    this.#present.need(this.windows[index]!, index, offset % WINDOW, length);
  }

  write(offset: number, from: Buffer, start: number, length: number): void {
    const index = Math.floor(offset / WINDOW);
    const at = offset % WINDOW;
    if (this.#present.has(index, at, length)) from.copy(this.windows[index]!, at, start, start + length);
    else addon().writeMemory(this.#fd, SHARED_SIZE + offset, from, start, length);
  }

  existing(): number {
    return fstatSync(this.#fd).blocks * 512;
  }
}

export class SandboxMemory implements MemoryFile {
  readonly fd: number;
  readonly shared: SharedMemory;
  readonly #windows: Windows;
  readonly #extents: Extents;

  /** @param limit bytes that guests may have */
  constructor(limit = Infinity) {
    this.fd = addon().sandboxMemory();
    this.shared = new SharedMemory(this.fd);
    this.#windows = new Windows(this.fd);
    this.#extents = new Extents(this.#windows, limit);
  }

  onShortage(giveUp: () => boolean): void {
    this.#extents.reserves.push(giveUp);
  }

  get windows(): readonly Buffer[] {
    return this.#windows.windows;
  }

  /** Bytes of the whole file that existed at a time, as far as that has been looked at: near the limit always. */
  get most(): number {
    return this.#extents.most;
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

  faultIn(offset: number, length: number): void {
    this.#windows.faultIn(offset, length);
  }

  write(offset: number, from: Buffer, start: number, length: number): void {
    this.#windows.write(offset, from, start, length);
  }

  free(offset: number, length: number): void {
    this.#extents.free(offset, length);
  }

  populated(offset: number, length: number): number[] {
    return this.#windows.populated(offset, length);
  }

  discard(offset: number, length: number): void {
    this.#extents.discard(offset, length);
  }

  close(): void {
    closeSync(this.fd);
  }
}
