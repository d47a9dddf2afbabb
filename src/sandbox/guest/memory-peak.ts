/** How much of the sandbox's memory has existed at a time, all that its limit counts; found out by looking now and then. */
import { fstatSync } from 'node:fs';
import type { SandboxMemory } from '../../platform/sandbox-memory.ts';

/** Milliseconds between two looks. */
const INTERVAL = 100;

export class MemoryPeak {
  readonly #memory: SandboxMemory;
  readonly #timer: NodeJS.Timeout;
  /** Bytes. */
  peak = 0;

  constructor(memory: SandboxMemory) {
    this.#memory = memory;
    this.#timer = setInterval(() => this.look(), INTERVAL).unref();
  }

  #held(): number {
    return fstatSync(this.#memory.fd).blocks * 512;
  }

  look(): void {
    this.peak = Math.max(this.peak, this.#held(), this.#memory.most);
  }

  /** Before the memory file is closed. */
  stop(): void {
    this.look();
    clearInterval(this.#timer);
  }
}
