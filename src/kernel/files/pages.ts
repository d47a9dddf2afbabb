/**
 * The content of a regular file: pages in the sandbox's memory file, seen alike by read, write and every mapping (Linux: the
 * page cache). What comes from the host is read when it is first needed, in blocks, straight into the pages.
 *
 * A file of the host that the guest changes becomes its own without a copy: the pages that are there stay, those that are
 * not yet are still read from the host when they are needed (overlayfs would copy the whole file up).
 *
 * Invariant: bytes of extents beyond `size` are zero, unless a shared mapping wrote to the rest of the last page.
 */
import { EFBIG } from '../../linux/errno.ts';
import { PAGE, WINDOW, type MemoryFile } from '../../platform/memory-file.ts';
import { OutOfMemory } from '../../platform/out-of-memory.ts';
import { fail } from '../failure.ts';
import type { FileExtent, FileMemory } from '../memory/file-memory.ts';
import type { IoVector } from '../memory/io-vector.ts';
import { copyBytes } from './copy.ts';
import { Extents, pageUp } from './extents.ts';
import type { PageBudget } from './page-budget.ts';

/** A file of the host to fill pages from. */
export interface Backing {
  /** Bytes of it that are part of this file. */
  length: number;
  /** Reads into `buffer`. What the host no longer has is left as it is. Fails with EIO. */
  fill(buffer: Buffer, start: number, length: number, position: number): void;
  readonly identity: string | undefined;
}

/** How much is read from the host at once, and how much address space a large file takes at once. */
const BLOCK = 128 * 1024;
const PIECE = 16 * 1024 * 1024;
/** Smaller pieces are read from the host in blocks. */
const LARGE_READ = 4096;
/** How much is had in memory at once for a read. */
const AT_ONCE = 1024 * 1024;
/** Files that grow are kept in one extent up to this size; beyond it, extents double up to PIECE. */
const MOVED_UP_TO = 1024 * 1024;

/** How much is faulted in at once where a file is written in small pieces. */
const AHEAD = 16 * 1024;

/** What a write takes in the middle of a hole. */
const SCATTERED = 64 * 1024;
/** Of a file of the host: a byte a block is kept for it. */
const LARGEST = 2 ** 38;

export class FilePages implements FileMemory {
  size: number;
  readonly #memory: MemoryFile;
  readonly #extents: Extents;
  readonly #budget: PageBudget | undefined;
  #backing: Backing | undefined;
  /** A byte a block of the backing: 1 where it has still to be read. Undefined: nothing has. */
  #missing: Uint8Array | undefined;
  #missingBlocks = 0;
  /** How much has gone from the host to readers without being kept. */
  #passed = 0;
  #mappings = 0;
  /** Its last name has gone while it was mapped. */
  #doomed = false;
  /** Calls in which memory may run out while they use the pages. */
  #busy = 0;
  /** Has the guest changed it? Then the host cannot give it back. */
  #own: boolean;

  constructor(memory: MemoryFile, backing?: Backing, budget?: PageBudget) {
    this.#memory = memory;
    this.#extents = new Extents(memory);
    this.#budget = budget;
    this.#backing = backing;
    this.#own = !backing;
    this.size = backing?.length ?? 0;
    this.#expectAll();
  }

  #expectAll(): void {
    if (this.#backing && this.#backing.length > LARGEST) fail(EFBIG);
    this.#missingBlocks = this.#backing ? Math.ceil(this.#backing.length / BLOCK) : 0;
    this.#missing = this.#missingBlocks ? new Uint8Array(this.#missingBlocks).fill(1) : undefined;
  }

  get identity(): string | undefined {
    return this.#own ? undefined : this.#backing?.identity;
  }

  /** Bytes of memory that hold it. */
  get held(): number {
    return this.#extents.held;
  }

  /** Moves up to `limit` bytes from `position` on to the reader. @returns how many; less only at the end of the file */
  read(io: IoVector, position: number, limit: number = io.remaining): number {
    const wanted = Math.min(limit, io.remaining, this.size - position);
    if (wanted <= 0) return 0;
    for (let done = 0; done < wanted; done += AT_ONCE) {
      this.#readPart(io, position + done, Math.min(AT_ONCE, wanted - done));
    }
    return wanted;
  }

  #readPart(io: IoVector, position: number, length: number): void {
    if (this.#missing && this.#passesThrough(position, length))
      return this.#passThrough(io, position, length);
    if (this.#missing) this.#needInsteadOfOthers(position, length);
    this.#copyTo(io, position, length);
  }

  /**
   * Most files are read once, from the beginning to the end, and then nothing is gained by keeping them. So what is asked for in
   * large pieces goes straight to the reader, until that has been as much as the whole file.
   */
  #passesThrough(position: number, length: number): boolean {
    if (length < LARGE_READ && length < this.size) return false;
    if (this.#passed + length > this.size || position + length > this.#backing!.length) return false;
    const last = Math.floor((position + length - 1) / BLOCK);
    for (let block = Math.floor(position / BLOCK); block <= last; block++) {
      if (this.#missing![block] !== 1) return false;
    }
    return true;
  }

  #passThrough(io: IoVector, position: number, length: number): void {
    this.#passed += length;
    for (let done = 0; done < length;) {
      const piece = io.stretch(length - done);
      this.#backing!.fill(piece.buffer, piece.start, piece.length, position + done);
      io.advance(piece.length);
      done += piece.length;
    }
  }

  #copyTo(io: IoVector, position: number, wanted: number): void {
    this.#busy++;
    try {
      this.#copyHeld(io, position, wanted);
    } finally {
      this.#busy--;
    }
  }

  #copyHeld(io: IoVector, position: number, wanted: number): void {
    let done = 0;
    while (done < wanted) {
      const offset = this.#extents.locate(position + done);
      const piece = io.stretch(Math.min(wanted - done, this.#extents.reach));
      if (offset < 0) piece.buffer.fill(0, piece.start, piece.start + piece.length);
      else {
        this.#memory.faultIn(offset, piece.length);
        copyBytes(this.#window(offset), offset % WINDOW, piece.buffer, piece.start, piece.length);
      }
      io.advance(piece.length);
      done += piece.length;
    }
  }

  /** As #need. Of a file that is larger than what memory there is, what was read before gives way. */
  #needInsteadOfOthers(position: number, length: number): void {
    try {
      this.#need(position, length);
    } catch (error) {
      if (!(error instanceof OutOfMemory) || !this.evictable) throw error;
      this.#budget?.forget(this);
      this.evict();
      this.#need(position, length);
    }
  }

  /** Takes up to `limit` bytes from the writer; grows the file as needed. Fails with ENOMEM at the sandbox's limit. */
  write(io: IoVector, position: number, limit: number = io.remaining): number {
    const wanted = Math.min(limit, io.remaining);
    if (wanted <= 0) return 0;
    this.#keep();
    let done = 0;
    while (done < wanted) {
      // First the bytes, which may not be there, however many are promised; then room for them.
      const piece = io.stretch(wanted - done);
      const at = position + done;
      if (this.#missing) this.#needEdges(at, piece.length);
      const offset = this.#room(at, piece.length);
      const count = Math.min(piece.length, this.#extents.reach);
      this.#put(offset, piece.buffer, piece.start, count);
      io.advance(count);
      done += count;
      if (position + done > this.size) this.size = position + done;
    }
    return done;
  }

  #put(offset: number, buffer: Buffer, start: number, count: number): void {
    if (count >= PAGE) return this.#memory.write(offset, buffer, start, count);
    this.#memory.faultIn(offset, Math.min(this.#extents.reach, AHEAD));
    copyBytes(buffer, start, this.#window(offset), offset % WINDOW, count);
  }

  /** Takes over what the host has been given as well, except where the host will be asked anyway. */
  writeThrough(bytes: Buffer, start: number, length: number, position: number): void {
    if (position + length > this.size) this.size = position + length;
    for (let done = 0; done < length;) {
      const at = position + done;
      const missing = at < this.#backing!.length && this.#missing?.[Math.floor(at / BLOCK)] === 1;
      const limit = Math.min(length - done, BLOCK - (at % BLOCK));
      const offset = missing ? this.#extents.locate(at) : this.#room(at, limit);
      const count = Math.min(limit, this.#extents.reach);
      if (offset >= 0) this.#put(offset, bytes, start + done, count);
      done += count;
    }
  }

  truncate(length: number): void {
    this.#keep();
    this.resized(length);
  }

  /** As `truncate`, when the host's file has been given that length already. */
  resized(length: number): void {
    if (length < this.size) this.#cut(length);
    this.size = length;
  }

  #cut(length: number): void {
    if (this.#backing && this.#backing.length > length) {
      this.#backing.length = length;
      const blocks = Math.ceil(length / BLOCK);
      for (let block = blocks; this.#missing && block < this.#missing.length; block++) this.#arrived(block);
    }
    // Mapped pages stay where they are; a mapping beyond the end sees zeros where Linux would send SIGBUS.
    const end = this.#mappings > 0 ? this.size : Math.min(this.size, pageUp(length));
    this.#clear(length, end - length);
    if (this.#mappings === 0) this.#extents.freeFrom(pageUp(length));
  }

  /** Makes bytes zero; holes stay holes (fallocate(2), FALLOC_FL_PUNCH_HOLE). */
  zero(position: number, length: number): void {
    this.#keep();
    this.#clear(position, Math.min(length, this.size - position));
  }

  #clear(position: number, length: number): void {
    if (this.#missing && length > 0) this.#need(position, length);
    for (let done = 0; done < length;) {
      const offset = this.#extents.locate(position + done);
      const count = Math.min(length - done, this.#extents.reach);
      if (offset >= 0) this.#window(offset).fill(0, offset % WINDOW, (offset % WINDOW) + count);
      done += count;
    }
  }

  extent(position: number, length: number): FileExtent {
    const wanted = Math.min(length, pageUp(this.size) - position);
    if (wanted <= 0) return { offset: 0, length: 0 };
    this.#busy++;
    try {
      if (this.#missing) this.#need(position, wanted);
      const offset = this.#room(position, wanted);
      return { offset, length: Math.min(wanted, this.#extents.reach) };
    } finally {
      this.#busy--;
    }
  }

  acquire(): void {
    this.#mappings++;
  }

  release(): void {
    this.#mappings--;
    if (this.#mappings === 0 && this.#doomed) this.free();
  }

  /** May the pages be given back to be read from the host again? */
  get evictable(): boolean {
    return this.#mappings === 0 && this.#busy === 0 && !this.#own;
  }

  evict(): void {
    this.#backing!.length = this.size;
    this.#extents.freeFrom(0);
    this.#expectAll();
  }

  /** The host's file has changed: what is cached of it is stale. Mapped pages are read again in place. */
  reload(backing: Backing): void {
    this.#backing = backing;
    this.size = backing.length;
    if (this.#mappings === 0) this.#extents.freeFrom(0);
    this.#expectAll();
    if (this.#mappings > 0) this.#need(0, this.size);
  }

  /** All of it comes into memory, and stays: the host will not have it any more. */
  keepAll(): void {
    if (this.#missing) this.#need(0, this.size);
    this.#keep();
  }

  /** Calls `visit` for each stretch of pages that are in memory, one of them the last of the file in part. */
  eachHeld(
    position: number,
    length: number,
    visit: (window: Buffer, start: number, length: number, position: number) => void,
  ): void {
    for (let done = 0; done < length;) {
      const at = position + done;
      const offset = this.#extents.locate(at);
      const count = Math.min(length - done, this.#extents.reach);
      const missing = this.#missing?.[Math.floor(at / BLOCK)] === 1;
      if (offset >= 0 && !missing) visit(this.#window(offset), offset % WINDOW, count, at);
      done += count;
    }
  }

  /** The file is gone. */
  free(): void {
    this.#doomed = this.#mappings > 0;
    if (this.#doomed) return;
    this.#budget?.forget(this);
    this.#extents.freeFrom(0);
  }

  /** From now on the host cannot give the content back. */
  #keep(): void {
    if (this.#own) return;
    this.#own = true;
    this.#budget?.forget(this);
  }

  #window(offset: number): Buffer {
    return this.#memory.windows[Math.floor(offset / WINDOW)]!;
  }

  /** The place of `position` in the memory file, made if it is a hole; `#extents.reach` says how far it goes on. */
  #room(position: number, wanted: number): number {
    const offset = this.#extents.locate(position);
    if (offset >= 0) return offset;
    const end = pageUp(position + wanted);
    const held = this.#extents.held;
    if (this.#mappings === 0 && held > 0 && position <= held * 2 && end <= MOVED_UP_TO && this.#dense(held)) {
      this.#extents.relocate(Math.min(MOVED_UP_TO, Math.max(held * 2, end)));
      return this.#extents.locate(position);
    }
    // Who appends will go on to; who writes here and there will not.
    const appends = position >= PAGE && this.#extents.locate(position - PAGE) >= 0;
    const ahead = appends ? Math.min(held, PIECE) : SCATTERED;
    return this.#extents.insert(position, Math.max(wanted, Math.min(ahead, held)), false);
  }

  /** Is it one extent from the beginning on? */
  #dense(held: number): boolean {
    return this.#extents.count === 1 && this.#extents.locate(0) >= 0 && this.#extents.reach === held;
  }

  /** A write replaces the blocks that it covers, and needs the host's bytes only of those at its two ends. */
  #needEdges(position: number, length: number): void {
    this.#need(position, 1);
    this.#need(position + length - 1, 1);
    const last = Math.floor((position + length - 1) / BLOCK);
    for (let block = Math.floor(position / BLOCK) + 1; block < last; block++) this.#arrived(block);
  }

  #arrived(block: number): void {
    if (this.#missing?.[block] !== 1) return;
    this.#missing[block] = 0;
    if (--this.#missingBlocks === 0) this.#missing = undefined;
  }

  /** Has what the host holds between `position` and `position + length` in memory. */
  #need(position: number, length: number): void {
    const end = Math.min(position + length, this.#backing!.length);
    this.#busy++;
    try {
      for (let at = position - (position % BLOCK); at < end; at += BLOCK) {
        if (this.#missing?.[at / BLOCK] !== 1) continue;
        this.#fill(at, Math.min(BLOCK, this.#backing!.length - at));
        this.#arrived(at / BLOCK);
      }
    } finally {
      this.#busy--;
    }
  }

  #fill(position: number, length: number): void {
    const before = this.#extents.held;
    try {
      this.#fillExtents(position, length);
    } finally {
      if (!this.#own && this.#extents.held > before) {
        this.#budget?.grew(this, this.#extents.held - before);
      }
    }
  }

  #fillExtents(position: number, length: number): void {
    for (let done = 0; done < length;) {
      let offset = this.#extents.locate(position + done);
      if (offset < 0) {
        const rest = PIECE - ((position + done) % PIECE);
        const wanted = Math.min(rest, this.#backing!.length - position - done);
        offset = this.#insertBacked(position + done, wanted, Math.min(wanted, length - done));
      }
      const count = Math.min(length - done, this.#extents.reach);
      this.#memory.faultIn(offset, count);
      this.#backing!.fill(this.#window(offset), offset % WINDOW, count, position + done);
      done += count;
    }
  }

  /** Near the sandbox's limit no more than is needed now. */
  #insertBacked(position: number, wanted: number, needed: number): number {
    try {
      return this.#extents.insert(position, wanted, false);
    } catch (error) {
      if (!(error instanceof OutOfMemory) || needed === wanted) throw error;
      return this.#extents.insert(position, needed, false);
    }
  }
}
