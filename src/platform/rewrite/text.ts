/** Text of a file as guests have it mapped: a copy that may be patched, and what is known of its sites. */
import { PATCH } from './patch.ts';
import type { Trampoline } from './trampolines.ts';

/**
 * Addresses here are those of guests that have this text mapped. Others may have other text at the same ones: nobody may be
 * asked about an address but the text that the asking guest has there.
 */
export class Text {
  /** What it is a copy of. */
  readonly identity: string;
  /** Where the copy is in Node's memory, and where its first byte is in the guest. */
  readonly bytes: Buffer;
  readonly address: number;
  /** Sites that have been tried, by the address after `syscall`. */
  readonly tried = new Set<number>();
  /** Where patches begin. A thread that ran into bytes half written meets a fault, and tries again. */
  readonly starts = new Set<number>();
  /** Where instructions are now whose place is within a patch, by where they were. */
  readonly moved = new Map<number, number>();
  readonly trampolines: Trampoline[] = [];

  constructor(identity: string, bytes: Buffer, address: number) {
    this.identity = identity;
    this.bytes = bytes;
    this.address = address;
  }

  /** Has a patch that would begin here bytes in common with another? It would, if one of them were not real code. */
  overlaps(start: number): boolean {
    for (let other = start - PATCH + 1; other < start + PATCH; other++)
      if (this.starts.has(other)) return true;
    return false;
  }

  /** Does a fault at an address come from how it is patched? Then the thread goes on at `resumeAt`. */
  explains(address: number): boolean {
    return this.starts.has(address) || this.moved.has(address);
  }

  /** Where to go on instead of `pc`: in a trampoline, if the instruction there has moved. */
  resumeAt(pc: number): number {
    return this.moved.get(pc) ?? pc;
  }
}
