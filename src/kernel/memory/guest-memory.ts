/**
 * A guest's address space as the kernel keeps it (Linux: struct mm_struct): areas say what may be done where, pages say
 * what is there. Sizes and addresses are bytes; results that are negative are -errno.
 */
import { EACCES, EINVAL, ENOMEM } from '../../linux/errno.ts';
import { PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE } from '../../linux/mman.ts';
import { PAGE, type MemoryFile } from '../../platform/memory-file.ts';
import { OutOfMemory } from '../../platform/out-of-memory.ts';
import type { AddressSpace, Protection } from '../../platform/platform.ts';
import { Areas, type Placement } from './areas.ts';
import { Pages, type Piece } from './pages.ts';
import { populateAhead, populateAt, showText, unshare } from './population.ts';
import type { TextProvider } from './text-provider.ts';
import { GuestUserMemory, type Translation } from './user.ts';
import type { MappedFile, Vma } from './vma.ts';

export interface Mapping {
  /** A hint, unless `placement` makes it more. */
  address: number;
  length: number;
  protection: Protection;
  placement?: Placement;
  shared?: boolean;
  file?: MappedFile | undefined;
  fileOffset?: number;
  /** What mprotect(2) may set later; everything, unless told. */
  allowed?: Protection;
  flags?: number;
  name?: string;
}

/** So many refusals in a row of what is there cannot come from other threads that change it. */
const MOST_REFUSALS = 100;

const ALL = PROT_READ | PROT_WRITE | PROT_EXEC;

export class GuestMemory {
  readonly memory: MemoryFile;
  readonly space: AddressSpace;
  readonly user: GuestUserMemory;
  readonly pages: Pages;
  readonly areas: Areas;
  /** How many bytes may be mapped (RLIMIT_AS). */
  limit = Infinity;
  /** The heap of brk(2): where it begins, and the end that the guest has asked for. */
  heapStart = 0;
  heapEnd = 0;
  #references = 1;
  readonly #retired: (() => void)[] = [];
  #refused = { address: -1, times: 0 };

  constructor(memory: MemoryFile, space: AddressSpace, text?: TextProvider) {
    this.memory = memory;
    this.space = space;
    this.areas = new Areas(space.lowest, space.highest);
    this.pages = new Pages(memory, space, text, (action) => this.#retire(action));
    this.user = new GuestUserMemory(this);
  }

  /** One more task runs in it (clone(2), CLONE_VM). */
  acquire(): void {
    this.#references++;
  }

  /** One less; with the last its pages go. @returns true when it was the last: the caller then releases the space. */
  release(): boolean {
    if (--this.#references > 0) return false;
    this.user.flush();
    this.pages.forget();
    for (const vma of this.areas.items.splice(0)) this.#letGo(vma);
    this.areas.mapped = 0;
    return true;
  }

  /** mmap(2). @returns the address, or -errno */
  map(mapping: Mapping): number {
    const length = roundUp(mapping.length);
    const start = this.areas.place(mapping.address, length, mapping.placement ?? 'anywhere');
    if (start < 0) return start;
    const replaced = this.areas.mappedBetween(start, start + length);
    if (this.areas.full || this.areas.mapped - replaced + length > this.limit) return -ENOMEM;
    if (replaced > 0) this.remove(start, start + length);
    return this.insert(newVma(mapping, start, length));
  }

  /** munmap(2). */
  unmap(address: number, length: number): number {
    const end = address + roundUp(length);
    if (address % PAGE !== 0 || !this.areas.contains(address, end)) return -EINVAL;
    if (this.areas.full) return -ENOMEM;
    this.remove(address, end);
    return 0;
  }

  /** mprotect(2). Unlike Linux, all or nothing when a part is not mapped. */
  protect(address: number, length: number, protection: Protection): number {
    const end = address + roundUp(length);
    if (address % PAGE !== 0) return -EINVAL;
    if (length === 0) return 0;
    if (!this.areas.contains(address, end) || !this.areas.covers(address, end)) return -ENOMEM;
    if (this.areas.full) return -ENOMEM;
    try {
      for (const vma of this.areas.between(address, end)) {
        if (protection & ~vma.allowed) return -EACCES;
        if (vma.protection !== protection) this.#protectArea(vma, protection);
      }
      return 0;
    } catch (error) {
      return outOfMemory(error);
    } finally {
      this.areas.merge(address, end);
      this.user.flush();
    }
  }

  /**
   * Where the guest's byte at `address` is, if the guest may read or write it; pages are found for it if need be.
   * @returns false where the guest's own access would be a fault
   */
  translate(address: number, write: boolean, into: Translation): boolean {
    const vma = this.areas.at(address);
    if (vma === undefined || !permits(vma.protection, write, false)) return false;
    const piece = this.pages.at(address) ?? this.#populateAt(vma, address);
    if (!piece) return false;
    const start = Math.max(piece.start, vma.start);
    into.set(start, Math.min(piece.end, vma.end), piece.offset + start - piece.start, vma.protection);
    return true;
  }

  /**
   * Where in the memory file the guest's byte is: the same for all address spaces that share it, and no other byte's.
   * -1 if the guest cannot reach it.
   */
  locate(address: number): number {
    const vma = this.areas.at(address);
    if (vma === undefined || vma.protection === PROT_NONE) return -1;
    const piece = this.pages.at(address) ?? this.#populateAt(vma, address);
    return piece ? piece.offset + address - piece.start : -1;
  }

  /** The host has refused an access that the guest may make. @returns whether it does so all the time */
  refusedAgain(address: number): boolean {
    const times = this.#refused.address === address ? this.#refused.times + 1 : 1;
    this.#refused = { address, times };
    return times > MOST_REFUSALS;
  }

  /** Adds an area where there is none. @returns its start, or -ENOMEM */
  insert(vma: Vma): number {
    const { start, end } = vma;
    vma.file?.memory.acquire();
    this.areas.add(vma);
    this.areas.mapped += end - start;
    try {
      populateAhead(this.pages, vma, start, end);
    } catch (error) {
      this.remove(start, end);
      return outOfMemory(error);
    }
    this.areas.merge(start, end);
    return start;
  }

  /** Takes areas away, with their pages. */
  remove(start: number, end: number): void {
    this.user.flush();
    this.pages.drop(start, end);
    for (const vma of this.areas.take(start, end)) {
      this.areas.mapped -= vma.end - vma.start;
      this.#letGo(vma);
    }
  }

  #letGo(vma: Vma): void {
    const memory = vma.file?.memory;
    // Now: when the last threads have stopped there may be no sandbox any more.
    if (vma.shared && vma.allowed & PROT_WRITE) memory?.flush?.();
    if (memory && !this.#retire(() => memory.release())) memory.release();
  }

  #protectArea(vma: Vma, protection: Protection): void {
    const before = vma.protection;
    vma.protection = protection;
    if (vma.file && !vma.shared) {
      try {
        if (protection & PROT_WRITE) unshare(this.pages, vma);
        else if (protection & ~before & PROT_EXEC) showText(this.pages, vma);
      } catch (error) {
        // What others share must not become writable.
        vma.protection = before;
        throw error;
      }
    }
    this.pages.protect(vma.start, vma.end, protection);
    populateAhead(this.pages, vma, vma.start, vma.end);
  }

  #populateAt(vma: Vma, address: number): Piece | undefined {
    try {
      populateAt(this.pages, vma, address);
    } catch (error) {
      outOfMemory(error);
    }
    return this.pages.at(address);
  }

  /**
   * A thread may still reach what has been unmapped until the host has done it: other threads, and a hostile one that only
   * says that it waits. Until then the pages must not become somebody else's.
   */
  #retire(action: () => void): boolean {
    if (!this.space.afterChanges) return false;
    if (this.#retired.push(action) === 1) {
      this.space.afterChanges(() => {
        for (const each of this.#retired.splice(0)) each();
      });
    }
    return true;
  }
}

/** Every access of x86-64 to a writable page may also read; an executable page need not be readable. */
export function permits(protection: Protection, write: boolean, execute: boolean): boolean {
  if (execute) return (protection & PROT_EXEC) !== 0;
  return (protection & (write ? PROT_WRITE : PROT_READ | PROT_WRITE)) !== 0;
}

export function roundUp(length: number): number {
  return Math.ceil(length / PAGE) * PAGE;
}

/** -ENOMEM for the error that means it; throws any other. */
export function outOfMemory(error: unknown): number {
  if (error instanceof OutOfMemory) return -ENOMEM;
  throw error;
}

function newVma(mapping: Mapping, start: number, length: number): Vma {
  const { protection, shared = false, file, fileOffset = 0, allowed = ALL, flags = 0, name = '' } = mapping;
  return { start, end: start + length, protection, allowed, shared, file, fileOffset, flags, name };
}
