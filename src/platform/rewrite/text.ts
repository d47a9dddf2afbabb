/** Text of a file as guests have it mapped: a copy that may be patched, and what is known of its sites. */
import type { Trampoline } from './trampolines.ts';

/**
 * Addresses here are those of guests that have this text mapped. Others may have other text at the same ones: nobody may be
 * asked about an address but the text that the asking guest has there.
 */
export class Text {
  /** Where the copy is in Node's memory, and where its first byte is in the guest. */
  readonly bytes: Uint8Array;
  readonly address: number;
  /** Where patches begin. */
  readonly starts = new Set<number>();
  /** Sites that cannot be patched, by the address after `syscall`. */
  readonly refused = new Set<number>();
  /** For sites that begin before `syscall`: its address. */
  readonly calls = new Set<number>();
  /** For sites whose next instructions have moved: where the guest goes on, by the address after `syscall`. */
  readonly tails = new Map<number, number>();
  readonly trampolines: Trampoline[] = [];

  constructor(bytes: Uint8Array, address: number) {
    this.bytes = bytes;
    this.address = address;
  }

  /** Does a patch begin here? A thread that ran into bytes half written meets a fault, and tries again. */
  isSite(address: number): boolean {
    return this.starts.has(address);
  }

  /** Was there a `syscall` here that is now the end of a jump? */
  isCall(address: number): boolean {
    return this.calls.has(address);
  }

  /** Where to go on instead of `pc`: in a trampoline, if the instructions there have moved. */
  resumeAt(pc: number): number {
    return this.tails.get(pc) ?? pc;
  }
}
