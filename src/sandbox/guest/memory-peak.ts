/** How much of the sandbox's memory has existed at a time, found out by looking now and then. */
import { fstatSync } from 'node:fs';
import type { SandboxMemory } from '../../platform/sandbox-memory.ts';
import { SHARED_SIZE } from '../../platform/shared-memory.ts';

/** Milliseconds between two looks. */
const INTERVAL = 100;

export class MemoryPeak {
  readonly #memory: SandboxMemory;
  readonly #timer: NodeJS.Timeout;
  readonly #before: number;
  /** Bytes. */
  peak = 0;

  /** @param memory that holds nothing of guests yet */
  constructor(memory: SandboxMemory) {
    this.#memory = memory;
    this.#before = Math.min(this.#held(), SHARED_SIZE);
    this.#timer = setInterval(() => this.look(), INTERVAL).unref();
  }

  #held(): number {
    return fstatSync(this.#memory.fd).blocks * 512;
  }

  look(): void {
    this.peak = Math.max(this.peak, Math.max(this.#held(), this.#memory.most) - this.#before);
  }

  /** Before the memory file is closed. */
  stop(): void {
    this.look();
    clearInterval(this.#timer);
  }
}
