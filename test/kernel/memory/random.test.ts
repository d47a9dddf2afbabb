/**
 * Random mmap, munmap, mprotect, mremap, madvise, fork and writes, against a model that has one entry a page. After every
 * step the guest must see what the model says, and the host must show what the kernel believes.
 */
import { expect, test } from 'vitest';
import { Failure } from '../../../src/kernel/failure.ts';
import { advise } from '../../../src/kernel/memory/advise.ts';
import { anonymousFile } from '../../../src/kernel/memory/anonymous-file.ts';
import { fork } from '../../../src/kernel/memory/fork.ts';
import { GuestMemory } from '../../../src/kernel/memory/guest-memory.ts';
import { remap } from '../../../src/kernel/memory/remap.ts';
import type { TextProvider } from '../../../src/kernel/memory/text-provider.ts';
import type { MappedFile } from '../../../src/kernel/memory/vma.ts';
import { MADV, PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE } from '../../../src/linux/mman.ts';
import { PAGE } from '../../../src/platform/memory-file.ts';
import { FakeAddressSpace } from '../support/address-space.ts';
import { FilePages, mapped } from '../support/file-pages.ts';
import { FakeMemoryFile } from '../support/memory-file.ts';

const AT = 0x10_0000_0000;
const PAGES = 40;
const PROTECTIONS = [PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC];

interface ModelPage {
  value: { now: number };
  /** What a private page of a file is again after MADV_DONTNEED; undefined: shared, and stays. */
  original: { now: number } | number | undefined;
  protection: number;
}

type Model = Map<number, ModelPage>;

class World {
  readonly memory = new FakeMemoryFile();
  readonly filePages: FilePages;
  readonly file: MappedFile;
  readonly fileValues: { now: number }[];
  readonly used: number;
  /** Shows text as the file has it, which may be written to meanwhile, and counts who holds how much of it. */
  readonly text: TextProvider & { held: number } = {
    held: 0,
    text(file, position, length) {
      const extent = file.extent(position, length);
      if (extent.length < length) return -1;
      this.acquire(extent.offset, length);
      return extent.offset;
    },
    acquire(_, length) {
      this.held += length;
    },
    release(_, length) {
      this.held -= length;
    },
  };
  state: number;

  constructor(seed: number) {
    this.state = seed;
    const content = Buffer.alloc(PAGES * PAGE);
    for (let page = 0; page < PAGES; page++) content.writeUInt32LE(1000 + page, page * PAGE);
    this.filePages = new FilePages(this.memory, content, 4 * PAGE);
    this.file = mapped(this.filePages, '/file');
    this.fileValues = Array.from({ length: PAGES }, (_, page) => ({ now: 1000 + page }));
    this.used = this.memory.used;
  }

  next(below: number): number {
    this.state = (this.state * 48271) % 0x7fff_ffff;
    return this.state % below;
  }
}

class Guest {
  readonly mm: GuestMemory;
  readonly model: Model;
  readonly #world: World;

  constructor(world: World, mm: GuestMemory, model: Model) {
    this.#world = world;
    this.mm = mm;
    this.model = model;
  }

  step(): void {
    const next = (below: number): number => this.#world.next(below);
    const first = next(PAGES);
    const count = 1 + next(PAGES - first);
    const action = next(10);
    if (action < 3) this.#map(first, count, next(4), PROTECTIONS[next(4)]!);
    else if (action < 4) this.#unmap(first, count);
    else if (action < 6) this.#protect(first, count, PROTECTIONS[next(4)]!);
    else if (action < 7) this.#discard(first, count);
    else if (action < 8) this.#move(first, Math.min(count, 5), next(2 * PAGES), 1 + next(5));
    else for (let times = 0; times < 10; times++) this.#write(first + next(count), next(1 << 30));
  }

  #map(first: number, count: number, kind: number, protection: number): void {
    const shared = kind >= 2;
    const fileBacked = kind % 2 === 1;
    const anonymous = shared ? anonymousFile(this.#world.memory, count * PAGE) : undefined;
    const file = fileBacked ? this.#world.file : anonymous;
    const fileOffset = fileBacked ? (PAGES - count) * PAGE : 0;
    const at = { address: AT + first * PAGE, length: count * PAGE, placement: 'replace' as const };
    expect(this.mm.map({ ...at, protection, shared, file, fileOffset })).toBe(at.address);
    for (let page = 0; page < count; page++) {
      const value = fileBacked ? this.#world.fileValues[PAGES - count + page]! : { now: 0 };
      const own = shared ? value : undefined;
      const original = shared ? undefined : fileBacked ? value : 0;
      this.model.set(first + page, { value: own ?? { now: Number.NaN }, original, protection });
      if (!shared) this.#settle(this.model.get(first + page)!);
    }
  }

  /** A private page shows its file until it is first writable; the model copies then. */
  #settle(page: ModelPage): void {
    if (page.original === undefined) return;
    const { original, value } = page;
    if (Number.isNaN(value.now) && typeof original === 'number') value.now = original;
    if (Number.isNaN(value.now) && page.protection & PROT_WRITE)
      value.now = (original as { now: number }).now;
  }

  #unmap(first: number, count: number): void {
    expect(this.mm.unmap(AT + first * PAGE, count * PAGE)).toBe(0);
    for (let page = first; page < first + count; page++) this.model.delete(page);
  }

  #protect(first: number, count: number, protection: number): void {
    const pages = this.#pages(first, count);
    const result = this.mm.protect(AT + first * PAGE, count * PAGE, protection);
    expect(result === 0).toBe(pages.length === count);
    if (result < 0) return;
    for (const page of pages) {
      page.protection = protection;
      this.#settle(page);
    }
  }

  #discard(first: number, count: number): void {
    advise(this.mm, AT + first * PAGE, count * PAGE, MADV.MADV_DONTNEED);
    for (const page of this.#pages(first, count)) {
      if (page.original === undefined || Number.isNaN(page.value.now)) continue;
      page.value = { now: typeof page.original === 'number' ? page.original : page.original.now };
    }
  }

  #move(first: number, count: number, to: number, length: number): void {
    const target = AT + to * PAGE;
    const change = { address: AT + first * PAGE, oldLength: count * PAGE, newLength: length * PAGE };
    const result = remap(this.mm, { ...change, mayMove: true, target });
    if (result < 0) return;
    expect(result).toBe(target);
    const moved = this.#pages(first, Math.min(count, length));
    for (let page = first; page < first + count; page++) this.model.delete(page);
    // Pages that the mapping has gained are those of its file or zeros: taken from the kernel, as there is no more to say.
    for (let page = 0; page < length; page++) this.model.delete(to + page);
    moved.forEach((page, index) => this.model.set(to + index, page));
    if (length > moved.length) this.mm.unmap(target + moved.length * PAGE, (length - moved.length) * PAGE);
  }

  #pages(first: number, count: number): ModelPage[] {
    return Array.from({ length: count }, (_, index) => this.model.get(first + index)).filter(
      (page) => page !== undefined,
    );
  }

  #write(page: number, value: number): void {
    const model = this.model.get(page);
    const allowed = model !== undefined && (model.protection & PROT_WRITE) !== 0;
    expect(succeeds(() => this.mm.user.writeU32(AT + page * PAGE, value))).toBe(allowed);
    if (allowed) model.value.now = value;
  }

  check(): void {
    for (let page = 0; page < 2 * PAGES; page++) {
      const model = this.model.get(page);
      const readable = model !== undefined && (model.protection & PROT_READ) !== 0;
      let found = -1;
      const read = succeeds(() => (found = this.mm.user.readU32(AT + page * PAGE)));
      if (read !== readable) throw new Error(`page ${page} can be read: ${read}`);
      if (!readable) continue;
      const value = Number.isNaN(model.value.now) ? (model.original as { now: number }).now : model.value.now;
      if (found !== value) throw new Error(`page ${page} has ${found}, should have ${value}`);
    }
    this.#checkHost();
  }

  #checkHost(): void {
    const { host } = this.mm.space as FakeAddressSpace;
    let pages = 0;
    for (const { start, end, offset, owner } of this.mm.pages.pieces) {
      for (let at = start; at < end; at += PAGE, pages++) {
        const vma = this.mm.areas.at(at)!;
        const shown = host.get(at);
        const good = shown?.offset === offset + at - start && shown.protection === vma.protection;
        if (!good) throw new Error(`page ${(at - AT) / PAGE} is not what the host shows`);
        const leak = owner !== 'own' && !vma.shared && vma.protection & PROT_WRITE;
        if (leak) throw new Error(`page ${(at - AT) / PAGE} is writable and not its own`);
      }
    }
    if (host.size !== pages) throw new Error(`the host shows ${host.size} pages, not ${pages}`);
  }

  fork(): Guest {
    const child = fork(this.mm, new FakeAddressSpace());
    if (typeof child === 'number') throw new Error('no memory');
    const model: Model = new Map();
    for (const [page, { value, original, protection }] of this.model) {
      model.set(page, { value: original === undefined ? value : { ...value }, original, protection });
    }
    return new Guest(this.#world, child, model);
  }
}

function succeeds(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

test.each([1, 2, 3, 4])('guests see what they should (seed %i)', (seed) => {
  const world = new World(seed);
  const guests = [
    new Guest(world, new GuestMemory(world.memory, new FakeAddressSpace(), world.text), new Map()),
  ];
  for (let step = 0; step < 1000; step++) {
    const index = world.next(guests.length);
    const guest = guests[index]!;
    const action = world.next(40);
    if (action === 0 && guests.length < 4) guests.push(guest.fork());
    else if (action === 1 && guests.length > 1) guests.splice(index, 1)[0]!.mm.release();
    else guest.step();
    for (const each of guests) each.check();
  }
  for (const { mm } of guests) mm.release();
  expect([world.memory.used, world.filePages.holders, world.text.held]).toEqual([world.used, 0, 0]);
});
