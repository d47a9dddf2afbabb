/** A queue of bytes with a bound, copied straight between the ring and guest memory. Grows as it is needed. */
import { Failure } from '../../failure.ts';
import type { IoVector } from '../../memory/io-vector.ts';

const FIRST = 4096;
const NOTHING = Buffer.alloc(0);
/** Up to here a loop is faster than a call of Buffer's. */
const FEW = 32;

export class Ring {
  #bytes: Buffer = NOTHING;
  #head = 0;
  /** Bytes in the ring. */
  length = 0;
  /** Most bytes that it takes: a power of two, at least 4096. */
  #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get limit(): number {
    return this.#limit;
  }

  get space(): number {
    return this.#limit - this.length;
  }

  /** @param limit a power of two, at least 4096 and `length` */
  setLimit(limit: number): void {
    this.#limit = limit;
    if (this.#bytes.length > limit) this.#resize(limit);
  }

  /**
   * Moves bytes out, at most `most`. Where guest memory is missing after some were moved, those count.
   * @returns how many; fails with EFAULT when none could be
   */
  read(io: IoVector, most: number = this.length): number {
    const moved = this.#copyOut(io, Math.min(most, this.length), 0);
    this.discard(moved);
    return moved;
  }

  /** As `read`, but leaves the bytes in place, and begins `skip` bytes after the first. */
  peek(io: IoVector, skip: number, most: number = this.length - skip): number {
    return this.#copyOut(io, Math.min(most, this.length - skip), skip);
  }

  /** Drops the first `count` bytes. */
  discard(count: number): void {
    this.length -= count;
    this.#head = this.length === 0 ? 0 : (this.#head + count) & (this.#bytes.length - 1);
  }

  /** Moves bytes in, as many as there are and as there is space for, at most `most`. @returns how many; as `read` */
  write(io: IoVector, most: number = io.remaining): number {
    const wanted = Math.min(most, io.remaining, this.space);
    this.#reserve(this.length + wanted);
    let done = 0;
    try {
      while (done < wanted) {
        const tail = (this.#head + this.length) & (this.#bytes.length - 1);
        const piece = io.stretch(Math.min(wanted - done, this.#bytes.length - tail));
        if (piece.length === 0) break;
        copy(piece.buffer, piece.start, this.#bytes, tail, piece.length);
        done += piece.length;
        this.length += piece.length;
        io.advance(piece.length);
      }
    } catch (error) {
      if (done === 0 || !(error instanceof Failure)) throw error;
    }
    return done;
  }

  #copyOut(io: IoVector, most: number, skip: number): number {
    const wanted = Math.min(most, io.remaining);
    let done = 0;
    try {
      while (done < wanted) {
        const from = (this.#head + skip + done) & (this.#bytes.length - 1);
        const piece = io.stretch(Math.min(wanted - done, this.#bytes.length - from));
        if (piece.length === 0) break;
        copy(this.#bytes, from, piece.buffer, piece.start, piece.length);
        done += piece.length;
        io.advance(piece.length);
      }
    } catch (error) {
      if (done === 0 || !(error instanceof Failure)) throw error;
    }
    return done;
  }

  #reserve(needed: number): void {
    let size = this.#bytes.length;
    if (size >= needed) return;
    if (size === 0) size = Math.min(FIRST, this.#limit);
    while (size < needed) size *= 2;
    this.#resize(size);
  }

  #resize(size: number): void {
    const bytes = Buffer.allocUnsafeSlow(size);
    const first = Math.min(this.length, this.#bytes.length - this.#head);
    this.#bytes.copy(bytes, 0, this.#head, this.#head + first);
    this.#bytes.copy(bytes, first, 0, this.length - first);
    this.#bytes = bytes;
    this.#head = 0;
  }
}

function copy(from: Buffer, at: number, to: Buffer, start: number, length: number): void {
  if (length > FEW) {
    from.copy(to, start, at, at + length);
    return;
  }
  for (let index = 0; index < length; index++) to[start + index] = from[at + index]!;
}
