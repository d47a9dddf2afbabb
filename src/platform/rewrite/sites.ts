/**
 * Patched call sites: `syscall` becomes a jump through a slot to a trampoline of the site's own, so that the next time
 * the guest comes to the kernel without the host.
 *
 * Seven bytes are needed, `jmp *slot`. They replace either `mov $number,%eax; syscall`, or `syscall` and the instructions
 * that follow, which move into the trampoline. The slot's address ends in 06 00: who jumps to where `syscall` was in the
 * first form meets an instruction that does not exist, and the kernel takes that for the call it meant.
 */
import { addon } from '../../linux/addon.ts';
import type { SharedMemory } from '../shared-memory.ts';
import { int32, isJumpedTo, jumpTo, move, quad } from './instructions.ts';

const abi = addon().stub;
const PATCH = 7;

/** Text of a file as guests have it mapped: a copy that may be patched. */
export interface Text {
  /** Where the copy is in Node's memory, and where its first byte is in the guest. */
  bytes: Uint8Array;
  address: number;
}

export class Sites {
  readonly #shared: SharedMemory;
  #slots = 0;
  #used = 0;
  readonly #starts = new Set<number>();
  /** Sites that cannot be patched, by the address after `syscall`. */
  readonly #refused = new Set<number>();
  /** For sites of the first form: the address of `syscall`. */
  readonly #calls = new Set<number>();
  /** For sites of the second form: where the guest goes on, by the address after `syscall`. */
  readonly #tails = new Map<number, number>();

  constructor(shared: SharedMemory) {
    this.#shared = shared;
  }

  /**
   * Does a patched site begin here? A thread that ran into bytes half written meets a fault, and tries again.
   */
  isSite(address: number): boolean {
    return this.#starts.has(address);
  }

  /** Was there a `syscall` here that is now the end of a jump? */
  isCall(address: number): boolean {
    return this.#calls.has(address);
  }

  /** Where to go on instead of `pc`: in a trampoline, if the instructions there have moved. */
  resumeAt(pc: number): number {
    return this.#tails.get(pc) ?? pc;
  }

  /**
   * Patches the site whose `syscall` ends at `pc`. @param number the call that was made
   * @returns false when it stays as it is
   */
  patch(text: Text, pc: number, number: number): boolean {
    if (this.#refused.has(pc)) return false;
    if (this.#tryPatch(text, pc, number)) return true;
    this.#refused.add(pc);
    return false;
  }

  #tryPatch(text: Text, pc: number, number: number): boolean {
    const end = pc - text.address;
    if (end < PATCH || end + 16 > text.bytes.length) return false;
    if (text.bytes[end - 2] !== 0x0f || text.bytes[end - 1] !== 0x05) return false;
    if (text.bytes[end - PATCH] === 0xb8 && int32(text.bytes, end - PATCH + 1) === number) {
      return this.#patchWithNumber(text, pc, number);
    }
    return this.#patchWithTail(text, pc);
  }

  #patchWithNumber(text: Text, pc: number, number: number): boolean {
    // mov $number,%eax; mov $pc,%rcx; mov %rcx,%r11
    const code = [0xb8, ...quad(number).slice(0, 4), 0x48, 0xb9, ...quad(pc), 0x49, 0x89, 0xcb];
    const slot = this.#install(code, []);
    if (slot === 0) return false;
    this.#calls.add(pc - 2);
    this.#starts.add(pc - PATCH);
    write(text, pc - PATCH, slot);
    return true;
  }

  #patchWithTail(text: Text, pc: number): boolean {
    const { bytes } = text;
    const start = pc - text.address;
    const tail: number[] = [];
    let length = 2;
    let last = false;
    while (length < PATCH) {
      if (last) return false;
      const at = start + length - 2;
      const moved = move(bytes, at, text.address + at);
      if (!moved) return false;
      tail.push(...moved.code);
      length += moved.length;
      last = moved.last;
    }
    if (isJumpedTo(bytes, start, start + PATCH - 2)) return false;
    if (!last) tail.push(...jumpTo(pc - 2 + length));
    // mov $pc,%rcx; lea tail(%rip),%r11 (behind the jump to the stub, 5 bytes)
    const code = [0x48, 0xb9, ...quad(pc), 0x4c, 0x8d, 0x1d, 5, 0, 0, 0];
    const slot = this.#install(code, tail);
    if (slot === 0) return false;
    const trampoline = this.#trampoline;
    this.#tails.set(pc, trampoline + code.length + 5);
    this.#starts.add(pc - 2);
    write(text, pc - 2, slot);
    return true;
  }

  #trampoline = 0;

  /** @returns the slot's address; 0: no room is left */
  #install(code: number[], tail: number[]): number {
    const length = (code.length + 5 + tail.length + 15) & ~15;
    if (this.#slots === abi.SITES_SIZE / 8 || this.#used + length > abi.TRAMPOLINES_SIZE) return 0;
    this.#trampoline = abi.TRAMPOLINES + this.#used;
    const jump = abi.VECTOR_CALL - (this.#trampoline + code.length + 5);
    const { bytes, trampolines, sites } = this.#shared;
    bytes.set([...code, 0xe9, ...quad(jump >>> 0).slice(0, 4), ...tail], trampolines + this.#used);
    bytes.set(quad(this.#trampoline), sites + this.#slots * 8);
    this.#used += length;
    return abi.SITES + this.#slots++ * 8;
  }
}

/** `jmp *slot`. The trampoline is there already: whoever sees the new bytes may take them. */
function write(text: Text, address: number, slot: number): void {
  text.bytes.set([0xff, 0x24, 0x25, ...quad(slot).slice(0, 4)], address - text.address);
}
