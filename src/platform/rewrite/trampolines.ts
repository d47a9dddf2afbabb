/**
 * Where patched sites jump: a slot with an address, `jmp *slot`, and the instructions there. Both are in all guests alike,
 * and both are few: those of text that nobody has any more are used again.
 */
import { addon } from '../../linux/addon.ts';
import type { SharedMemory } from '../shared-memory.ts';
import { quad } from './instructions.ts';

const abi = addon().stub;

/** Trampolines begin at multiples of this. */
const UNIT = 16;
const JMP_REL32 = 0xe9;

export interface Trampoline {
  /** Address of the slot, and of the instructions. */
  readonly slot: number;
  readonly address: number;
  readonly length: number;
}

export class Trampolines {
  readonly #shared: SharedMemory;
  #slots = 0;
  #used = 0;
  readonly #freeSlots: number[] = [];
  /** Those given back, by their length in units. */
  readonly #free: number[][] = [];

  constructor(shared: SharedMemory) {
    this.#shared = shared;
  }

  /**
   * @param code comes before the jump into the stub
   * @param tail comes behind it, at `address + code.length + JUMP_LENGTH`
   * @returns undefined when there is no room
   */
  make(code: readonly number[], tail: readonly number[]): Trampoline | undefined {
    const length = Math.ceil((code.length + JUMP_LENGTH + tail.length) / UNIT) * UNIT;
    const slot = this.#freeSlots.pop() ?? (this.#slots < abi.SITES_SIZE / 8 ? this.#slots++ : -1);
    if (slot < 0) return undefined;
    const place = this.#take(length);
    if (place < 0) {
      this.#freeSlots.push(slot);
      return undefined;
    }
    const address = abi.TRAMPOLINES + place;
    const jump = abi.VECTOR_CALL - (address + code.length + JUMP_LENGTH);
    const { bytes, trampolines, sites } = this.#shared;
    bytes.set([...code, JMP_REL32, ...quad(jump >>> 0).slice(0, 4), ...tail], trampolines + place);
    bytes.set(quad(address), sites + slot * 8);
    return { slot: abi.SITES + slot * 8, address, length };
  }

  free({ slot, address, length }: Trampoline): void {
    this.#freeSlots.push((slot - abi.SITES) / 8);
    (this.#free[length / UNIT] ??= []).push(address - abi.TRAMPOLINES);
  }

  #take(length: number): number {
    const again = this.#free[length / UNIT]?.pop();
    if (again !== undefined) return again;
    if (this.#used + length > abi.TRAMPOLINES_SIZE) return -1;
    this.#used += length;
    return this.#used - length;
  }
}

/** `jmp` into the stub. */
export const JUMP_LENGTH = 5;
