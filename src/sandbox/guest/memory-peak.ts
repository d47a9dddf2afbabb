/** How much of the sandbox's memory has existed at a time, found out by looking now and then. */
import { fstatSync } from 'node:fs';
import { SHARED_SIZE } from '../../platform/shared-memory.ts';

/** Milliseconds between two looks. */
const INTERVAL = 100;

export class MemoryPeak {
  readonly #fd: number;
  readonly #timer: NodeJS.Timeout;
  readonly #before: number;
  /** Bytes. */
  peak = 0;

  /** @param fd of the memory file, which holds nothing of guests yet */
  constructor(fd: number) {
    this.#fd = fd;
    this.#before = Math.min(this.#held(), SHARED_SIZE);
    this.#timer = setInterval(() => this.look(), INTERVAL).unref();
  }

  #held(): number {
    return fstatSync(this.#fd).blocks * 512;
  }

  look(): void {
    this.peak = Math.max(this.peak, this.#held() - this.#before);
  }

  /** Before the memory file is closed. */
  stop(): void {
    this.look();
    clearInterval(this.#timer);
  }
}
