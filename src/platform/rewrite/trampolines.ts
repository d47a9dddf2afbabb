/**
 * Where patched sites jump: a slot with an address, for `jmp *slot`, and the instructions there. Both are in all guests
 * alike, and both are few: those of text that nobody has any more are used again.
 *
 * Who jumps into the middle of a patch must not run on through bytes of an address: `ff 24 25 .. .. 06 00`. From its sixth
 * byte on it is 06, which is no instruction. Some slots are such that neither is what begins at the third and the fourth:
 * `ff 24 65 60 .. 06 00` is the same jump (65 for 25: an index that is none, doubled), and 60 is no instruction either.
 */
import { addon } from '../../linux/addon.ts';
import type { SharedMemory } from '../shared-memory.ts';
import { dword } from './instructions.ts';

const abi = addon().stub;

/** Trampolines begin at multiples of this. */
const UNIT = 16;
const SLOT = 8;
const CATCHING = 0x60;
const JMP_REL32 = 0xe9;
const JMP_LENGTH = 5;

/** `mov $number,%eax; mov $pc,%rcx; mov %rcx,%r11; jmp …`: `r3_call` in native/stub says what it expects. */
const PLAIN = Buffer.from([
  0xb8,
  0,
  0,
  0,
  0,
  0x48,
  0xb9,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0x49,
  0x89,
  0xcb,
  JMP_REL32,
  0,
  0,
  0,
  0,
]);
const PLAIN_NUMBER = 1;
const PLAIN_PC = 7;
/** Where in it the call begins. */
export const PLAIN_CALL = 5;

/** Of a patch's bytes, those at which an instruction may have begun: who jumps there meets a fault. */
export const CAUGHT: ReadonlySet<number> = new Set([5]);
export const CAUGHT_BY_CATCHING: ReadonlySet<number> = new Set([2, 3, 5]);

export interface Trampoline {
  /** Address of the slot. */
  readonly slot: number;
  readonly catching: boolean;
  /** Address of the instructions, and of those behind the jump into the stub. */
  readonly address: number;
  readonly tail: number;
  readonly length: number;
}

export class Trampolines {
  readonly #shared: SharedMemory;
  readonly #slots = { plain: [] as number[], catching: [] as number[] };
  /** Bytes that have ever been used, and those that are now. */
  #used = 0;
  #taken = 0;
  /** Those given back, by their length in units. */
  readonly #free: number[][] = [];

  constructor(shared: SharedMemory) {
    this.#shared = shared;
    for (let slot = abi.SITES + abi.SITES_SIZE - SLOT; slot >= abi.SITES; slot -= SLOT) {
      this.#slots[slot % 256 === CATCHING ? 'catching' : 'plain'].push(slot);
    }
  }

  /** Is less than half of the room left? */
  get scarce(): boolean {
    return this.#slots.plain.length < abi.SITES_SIZE / SLOT / 2 || this.#taken > abi.TRAMPOLINES_SIZE / 2;
  }

  /**
   * @param code comes before the jump into the stub, `tail` behind it
   * @param catching takes a slot that catches who jumps into the middle of the patch
   * @returns undefined when there is no room
   */
  make(code: readonly number[], tail: readonly number[], catching: boolean): Trampoline | undefined {
    const made = this.#make(code.length + JMP_LENGTH, tail.length, catching);
    if (!made) return undefined;
    const jump = dword(abi.VECTOR_CALL - made.tail);
    const { bytes, trampolines } = this.#shared;
    bytes.set([...code, JMP_REL32, ...jump, ...tail], trampolines + made.address - abi.TRAMPOLINES);
    return made;
  }

  /** The same for `mov $number,%eax; syscall`, of which there are hundreds. */
  makePlain(number: number, pc: number): Trampoline | undefined {
    const made = this.#make(PLAIN.length, 0, false);
    if (!made) return undefined;
    const { bytes, trampolines } = this.#shared;
    const at = trampolines + made.address - abi.TRAMPOLINES;
    PLAIN.copy(bytes, at);
    bytes.writeInt32LE(number, at + PLAIN_NUMBER);
    bytes.writeUInt32LE(pc >>> 0, at + PLAIN_PC);
    bytes.writeUInt32LE(Math.floor(pc / 2 ** 32), at + PLAIN_PC + 4);
    bytes.writeInt32LE(abi.VECTOR_CALL - made.tail, at + PLAIN.length - 4);
    return made;
  }

  #make(length: number, tail: number, catching: boolean): Trampoline | undefined {
    const slots = this.#slots[catching ? 'catching' : 'plain'];
    const whole = Math.ceil((length + tail) / UNIT) * UNIT;
    const place = slots.length > 0 ? this.#take(whole) : -1;
    if (place < 0) return undefined;
    const slot = slots.pop()!;
    const address = abi.TRAMPOLINES + place;
    const at = this.#shared.sites + slot - abi.SITES;
    this.#shared.words[at / 4] = address;
    this.#shared.words[at / 4 + 1] = 0;
    return { slot, catching, address, tail: address + length, length: whole };
  }

  free({ slot, catching, address, length }: Trampoline): void {
    this.#slots[catching ? 'catching' : 'plain'].push(slot);
    this.#taken -= length;
    (this.#free[length / UNIT] ??= []).push(address - abi.TRAMPOLINES);
  }

  #take(length: number): number {
    let place = this.#free[length / UNIT]?.pop();
    if (place === undefined) {
      if (this.#used + length > abi.TRAMPOLINES_SIZE) return -1;
      place = this.#used;
      this.#used += length;
    }
    this.#taken += length;
    return place;
  }
}

/** `jmp *slot`. */
export function jumpThrough({ slot, catching }: Trampoline): number[] {
  return [0xff, 0x24, catching ? 0x65 : 0x25, ...dword(slot)];
}
