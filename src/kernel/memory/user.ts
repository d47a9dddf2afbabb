/**
 * How handlers reach a guest's memory: through the windows, where the guest's pages are. Where a guest's address is in
 * a window is kept for the two ranges that were used last, until the address space changes.
 */
import { EFAULT, ENAMETOOLONG } from '../../linux/errno.ts';
import { PROT_READ, PROT_WRITE } from '../../linux/mman.ts';
import { WINDOW, type MemoryFile } from '../../platform/memory-file.ts';
import { fail } from '../failure.ts';
import type { Stretch, UserMemory } from './user-memory.ts';

declare global {
  interface Buffer {
    /** What toString('latin1') comes to, without its checks. */
    latin1Slice(start: number, end: number): string;
  }
}

const PATH_MAX = 4096;
const HIGH = 2 ** 32;
/** From so many bytes on it pays to have them faulted in together. */
const MANY = 4096;
const MOST = 256 * 1024;
const NOTHING: Buffer = Buffer.alloc(0);
const NO_WORDS: Int32Array = new Int32Array(0);

/** A range of guest addresses that is contiguous in a window. */
export class Translation {
  start = 0;
  end = 0;
  writable = false;
  readable = false;
  /** The window as bytes and as words; `base` is where `start` is in it. */
  bytes = NOTHING;
  words = NO_WORDS;
  base = 0;
  /** Of `start` in the memory file. */
  offset = 0;
  readonly #windows: Windows;

  constructor(windows: Windows) {
    this.#windows = windows;
  }

  /** @param offset of `start` in the memory file */
  set(start: number, end: number, offset: number, protection: number): void {
    this.start = start;
    this.end = end;
    this.readable = (protection & (PROT_READ | PROT_WRITE)) !== 0;
    this.writable = (protection & PROT_WRITE) !== 0;
    this.offset = offset;
    this.base = offset % WINDOW;
    const index = Math.floor(offset / WINDOW);
    this.bytes = this.#windows.memory.windows[index]!;
    this.words = this.#windows.words(index);
  }
}

/** The windows of a memory file as words. */
class Windows {
  readonly memory: MemoryFile;
  readonly #words: Int32Array[] = [];

  constructor(memory: MemoryFile) {
    this.memory = memory;
  }

  words(index: number): Int32Array {
    return (this.#words[index] ??= wordsOf(this.memory.windows[index]!));
  }
}

const windowsOf = new WeakMap<MemoryFile, Windows>();

function wordsOf(window: Buffer): Int32Array {
  return new Int32Array(window.buffer, window.byteOffset, window.length >>> 2);
}

/** What `GuestMemory` does for its user memory. */
export interface Translator {
  readonly memory: MemoryFile;
  translate(address: number, write: boolean, into: Translation): boolean;
}

export class GuestUserMemory implements UserMemory {
  readonly #mm: Translator;
  #last: Translation;
  #other: Translation;
  readonly #stretch: Stretch = { buffer: NOTHING, start: 0, length: 0 };

  constructor(mm: Translator) {
    this.#mm = mm;
    let windows = windowsOf.get(mm.memory);
    if (!windows) windowsOf.set(mm.memory, (windows = new Windows(mm.memory)));
    this.#last = new Translation(windows);
    this.#other = new Translation(windows);
  }

  flush(): void {
    this.#last.end = this.#last.start = 0;
    this.#other.end = this.#other.start = 0;
  }

  readU8(address: number): number {
    const range = this.#find(address, false);
    return range.bytes[range.base + (address - range.start)]!;
  }

  readU16(address: number): number {
    return this.readU8(address) | (this.readU8(address + 1) << 8);
  }

  readI32(address: number): number {
    const range = this.#find(address, false);
    const at = range.base + (address - range.start);
    if ((at & 3) === 0) return range.words[at >>> 2]!;
    if (address + 4 > range.end) return this.readU16(address) | (this.readU16(address + 2) << 16);
    const { bytes } = range;
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  }

  readU32(address: number): number {
    return this.readI32(address) >>> 0;
  }

  readI64(address: number): number {
    const low = this.readI32(address) >>> 0;
    return this.readI32(address + 4) * HIGH + low;
  }

  writeU8(address: number, value: number): void {
    const range = this.#find(address, true);
    range.bytes[range.base + (address - range.start)] = value;
  }

  writeU16(address: number, value: number): void {
    this.#find(address + 1, true);
    this.writeU8(address, value);
    this.writeU8(address + 1, value >>> 8);
  }

  writeU32(address: number, value: number): void {
    const range = this.#find(address, true);
    const at = range.base + (address - range.start);
    if ((at & 3) === 0) range.words[at >>> 2] = value;
    else this.#writeUnaligned(address, value | 0);
  }

  writeI64(address: number, value: number): void {
    if (address % 4096 > 4088) this.#find(address + 7, true);
    this.writeU32(address, value);
    this.writeU32(address + 4, Math.floor(value / HIGH));
  }

  readBytes(address: number, length: number): Buffer {
    if (!(length >= 0 && length <= WINDOW)) fail(EFAULT);
    this.#check(address, length, false);
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length;) {
      const { buffer, start, length: part } = this.stretch(address + done, length - done, false);
      buffer.copy(bytes, done, start, start + part);
      done += part;
    }
    return bytes;
  }

  writeBytes(address: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const { buffer, start, length } = this.stretch(address + done, bytes.length - done, true);
      buffer.set(length === bytes.length ? bytes : bytes.subarray(done, done + length), start);
      done += length;
    }
  }

  zero(address: number, length: number): void {
    for (let done = 0; done < length;) {
      const { buffer, start, length: part } = this.stretch(address + done, length - done, true);
      buffer.fill(0, start, start + part);
      done += part;
    }
  }

  /** Each part is copied before it is searched: the guest may write to it meanwhile. */
  readString(address: number, limit = PATH_MAX): string {
    let text = '';
    let part = 128;
    while (text.length < limit) {
      const most = Math.min(part, limit - text.length);
      const { buffer, start, length } = this.stretch(address + text.length, most, false);
      const piece = buffer.latin1Slice(start, start + length);
      const end = piece.indexOf('\0');
      if (end >= 0) return text + piece.slice(0, end);
      text += piece;
      part = PATH_MAX;
    }
    return fail(ENAMETOOLONG);
  }

  stretch(address: number, length: number, write: boolean): Stretch {
    const range = this.#find(address, write);
    const stretch = this.#stretch;
    stretch.buffer = range.bytes;
    stretch.start = range.base + (address - range.start);
    stretch.length = Math.min(length, range.end - address);
    if (stretch.length >= MANY) {
      // A guest may offer far more than will be used.
      this.#mm.memory.faultIn(range.offset + (address - range.start), Math.min(stretch.length, MOST));
    }
    return stretch;
  }

  #find(address: number, write: boolean): Translation {
    const last = this.#last;
    if (address >= last.start && address < last.end && (write ? last.writable : last.readable)) return last;
    const other = this.#other;
    this.#other = last;
    this.#last = other;
    if (address >= other.start && address < other.end && (write ? other.writable : other.readable))
      return other;
    if (!this.#mm.translate(address, write, other)) fail(EFAULT);
    return other;
  }

  /** A length comes from the guest: nothing is allocated for what is not there. */
  #check(address: number, length: number, write: boolean): void {
    for (let done = 0; done < length;) done += this.stretch(address + done, length - done, write).length;
  }

  #writeUnaligned(address: number, value: number): void {
    this.#find(address + 3, true);
    for (let index = 0; index < 4; index++) this.writeU8(address + index, value >>> (index * 8));
  }
}
