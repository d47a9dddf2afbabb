/**
 * Where bytes of a read go and bytes of a write come from: ranges of guest memory (read, readv) or of a buffer of the
 * kernel's own (sendfile). Files move bytes with `put` and `take`, or host calls straight into `stretch`.
 *
 * Guest addresses are translated anew at each call, because the guest may have unmapped them while the file waited.
 */
import type { Stretch, UserMemory } from './user-memory.ts';

export class IoVector {
  readonly #memory: UserMemory | undefined;
  readonly #own: Buffer | undefined;
  readonly #addresses: number[];
  readonly #lengths: number[];
  readonly #toGuest: boolean;
  #index = 0;
  #offset = 0;
  /** Bytes that have been moved, and that are still to be moved. */
  moved = 0;
  remaining: number;

  private constructor(
    memory: UserMemory | undefined,
    own: Buffer | undefined,
    addresses: number[],
    lengths: number[],
    toGuest: boolean,
  ) {
    this.#memory = memory;
    this.#own = own;
    this.#addresses = addresses;
    this.#lengths = lengths;
    this.#toGuest = toGuest;
    this.remaining = lengths.reduce((sum, length) => sum + length, 0);
  }

  /** @param toGuest true for read(2), false for write(2) */
  static user(memory: UserMemory, address: number, length: number, toGuest: boolean): IoVector {
    return new IoVector(memory, undefined, [address], [length], toGuest);
  }

  static userRanges(memory: UserMemory, addresses: number[], lengths: number[], toGuest: boolean): IoVector {
    return new IoVector(memory, undefined, addresses, lengths, toGuest);
  }

  static kernel(buffer: Buffer): IoVector {
    return new IoVector(undefined, buffer, [0], [buffer.length], true);
  }

  /** The next contiguous piece, at most `limit` bytes; `advance` says how much of it was used. Length 0 at the end. */
  stretch(limit: number = this.remaining): Stretch {
    while (this.#index < this.#lengths.length && this.#offset === this.#lengths[this.#index]) {
      this.#index++;
      this.#offset = 0;
    }
    if (this.#index === this.#lengths.length || limit === 0) return { buffer: EMPTY, start: 0, length: 0 };
    const length = Math.min(limit, this.#lengths[this.#index]! - this.#offset);
    const address = this.#addresses[this.#index]! + this.#offset;
    if (this.#own) return { buffer: this.#own, start: address, length };
    return this.#memory!.stretch(address, length, this.#toGuest);
  }

  /** Only so many bytes will be moved, not more than remain. */
  shorten(remaining: number): void {
    this.remaining = remaining;
  }

  advance(count: number): void {
    this.#offset += count;
    this.moved += count;
    this.remaining -= count;
  }

  /** Copies from `bytes`, from `from` on, at most `length`. @returns how many were moved. */
  put(bytes: Uint8Array, from = 0, length: number = bytes.length - from): number {
    let done = 0;
    const wanted = Math.min(length, this.remaining);
    while (done < wanted) {
      const { buffer, start, length: room } = this.stretch(wanted - done);
      buffer.set(bytes.subarray(from + done, from + done + room), start);
      this.advance(room);
      done += room;
    }
    return done;
  }

  /** Copies into `bytes`, from `at` on, at most `length`. @returns how many were moved. */
  take(bytes: Uint8Array, at = 0, length: number = bytes.length - at): number {
    let done = 0;
    const wanted = Math.min(length, this.remaining);
    while (done < wanted) {
      const { buffer, start, length: room } = this.stretch(wanted - done);
      bytes.set(buffer.subarray(start, start + room), at + done);
      this.advance(room);
      done += room;
    }
    return done;
  }
}

const EMPTY = Buffer.alloc(0);
