/**
 * The part of the memory file that kernel and stubs talk through: never handed out to guests as memory.
 *
 *   control pages, one for each address space · bells, one word for each thread, and acknowledgements, one word for
 *   each address space · the kernel's bell · patched sites and their trampolines · contexts, one for each thread
 */
import { addon } from '../linux/addon.ts';

const abi = addon().stub;

/** How many address spaces there can be at a time. */
export const MOST_SPACES = 1024;

// Bytes from the beginning of the memory file. The first stub finds its control page at 0.
const CONTROLS = 0;
const BELLS = CONTROLS + MOST_SPACES * abi.CONTROL_SIZE;
const KERNEL_BELL = BELLS + abi.BELLS_SIZE;
const SITES = KERNEL_BELL + abi.KERNEL_BELL_SIZE;
const TRAMPOLINES = SITES + abi.SITES_SIZE;
const CONTEXTS = 2 ** Math.ceil(Math.log2(TRAMPOLINES + abi.TRAMPOLINES_SIZE));

/** Where the memory that guests get begins. */
export const SHARED_SIZE = 2 ** 29;

export class SharedMemory {
  readonly fd: number;
  readonly bytes: Buffer;
  readonly words: Int32Array;
  /** Parts that are in all address spaces alike: where in the memory file. */
  readonly bells = BELLS;
  readonly kernelBell = KERNEL_BELL;
  readonly sites = SITES;
  readonly trampolines = TRAMPOLINES;
  readonly #freeContexts: number[] = [];
  readonly #freeControls: number[] = [];
  #contexts = 0;
  #controls = 0;

  constructor(fd: number) {
    const buffer = addon().mapWindow(fd, 0, SHARED_SIZE);
    this.fd = fd;
    this.bytes = Buffer.from(buffer);
    this.words = new Int32Array(buffer);
  }

  /** @returns the index of a context that nobody uses, all zeros but for what the last one left; -1: all are taken */
  takeContext(): number {
    return this.#freeContexts.pop() ?? (this.#contexts < abi.MOST_THREADS ? this.#contexts++ : -1);
  }

  giveContext(index: number): void {
    this.#freeContexts.push(index);
  }

  takeControl(): number {
    return this.#freeControls.pop() ?? (this.#controls < MOST_SPACES ? this.#controls++ : -1);
  }

  get controlsLeft(): number {
    return this.#freeControls.length + MOST_SPACES - this.#controls;
  }

  giveControl(index: number): void {
    this.#freeControls.push(index);
  }

  contextOffset(index: number): number {
    return CONTEXTS + index * abi.THREAD_SIZE;
  }

  controlOffset(index: number): number {
    return CONTROLS + index * abi.CONTROL_SIZE;
  }

  bellOffset(index: number): number {
    return BELLS + index * 4;
  }

  ackOffset(index: number): number {
    return BELLS + abi.ACKS - abi.BELLS + index * 4;
  }
}
