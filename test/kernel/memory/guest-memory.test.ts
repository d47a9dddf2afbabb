import { expect, test } from 'vitest';
import { brk } from '../../../src/kernel/memory/heap.ts';
import { fault } from '../../../src/kernel/memory/fault.ts';
import { fork } from '../../../src/kernel/memory/fork.ts';
import { GuestMemory } from '../../../src/kernel/memory/guest-memory.ts';
import { EACCES, EEXIST, EINVAL, ENOMEM } from '../../../src/linux/errno.ts';
import { PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE } from '../../../src/linux/mman.ts';
import { SIGNALS } from '../../../src/linux/signals.ts';
import { PAGE } from '../../../src/platform/memory-file.ts';
import { FakeAddressSpace } from '../support/address-space.ts';
import { FilePages, mapped } from '../support/file-pages.ts';
import { FakeMemoryFile } from '../support/memory-file.ts';

const RW = PROT_READ | PROT_WRITE;
const RX = PROT_READ | PROT_EXEC;
const AT = 0x10_0000_0000;

function setUp(limit?: number) {
  const memory = new FakeMemoryFile(limit);
  const space = new FakeAddressSpace();
  return { memory, space, mm: new GuestMemory(memory, space) };
}

const anonymous = (address: number, pages: number, protection = RW) => ({
  address,
  length: pages * PAGE,
  protection,
  placement: 'replace' as const,
});

const areas = (mm: GuestMemory) =>
  mm.areas.items.map(({ start, end, protection }) => [(start - AT) / PAGE, (end - AT) / PAGE, protection]);

/** What the host shows is what the areas and pages say. */
function checkHost(mm: GuestMemory, space: FakeAddressSpace): void {
  let pages = 0;
  for (const { start, end, offset } of mm.pages.pieces) {
    for (let at = start; at < end; at += PAGE, pages++) {
      const page = space.host.get(at)!;
      expect([page.offset, page.protection]).toEqual([offset + at - start, mm.areas.at(at)!.protection]);
    }
  }
  expect(space.host.size).toBe(pages);
}

test('mappings go below the stack, each below the last, and touching ones become one area', () => {
  const { mm } = setUp();
  const first = mm.map({ address: 0, length: 5000, protection: RW });
  const second = mm.map({ address: 0, length: PAGE, protection: RW });
  expect(second).toBe(first - PAGE);
  expect(mm.areas.items).toHaveLength(1);
  expect(mm.unmap(first, PAGE)).toBe(0);
  expect(mm.map({ address: 0, length: PAGE, protection: RW })).toBe(first);
});

test('an area is split by a change in its middle, and joined again when that is undone', () => {
  const { mm, space } = setUp();
  mm.map(anonymous(AT, 8));
  mm.protect(AT + 2 * PAGE, 3 * PAGE, PROT_READ);
  expect(areas(mm)).toEqual([
    [0, 2, RW],
    [2, 5, PROT_READ],
    [5, 8, RW],
  ]);
  checkHost(mm, space);
  mm.protect(AT + 2 * PAGE, 3 * PAGE, RW);
  expect(areas(mm)).toEqual([[0, 8, RW]]);
  mm.unmap(AT + 3 * PAGE, PAGE);
  expect(areas(mm)).toEqual([
    [0, 3, RW],
    [4, 8, RW],
  ]);
  expect(mm.protect(AT, 8 * PAGE, PROT_READ)).toBe(-ENOMEM);
  checkHost(mm, space);
});

test('what cannot be mapped is refused', () => {
  const { mm, memory } = setUp(16 * PAGE);
  mm.map(anonymous(AT, 2));
  expect(mm.map({ ...anonymous(AT + PAGE, 1), placement: 'keep' })).toBe(-EEXIST);
  expect(mm.map(anonymous(AT + 1, 1))).toBe(-EINVAL);
  expect(mm.map(anonymous(-PAGE, 1))).toBe(-ENOMEM);
  expect(mm.map({ address: 0, length: 2 ** 62, protection: RW })).toBe(-ENOMEM);
  expect(mm.unmap(AT, 0)).toBe(-EINVAL);
  expect(mm.unmap(AT, -1)).toBe(-EINVAL);
  const large = mm.map({ address: 0, length: 15 * PAGE, protection: RW });
  expect(() => mm.user.writeU8(large, 1)).toThrow();
  expect(mm.unmap(large, 15 * PAGE)).toBe(0);
  expect(memory.used).toBe(2 * PAGE);
  mm.limit = 3 * PAGE;
  expect(mm.map({ address: 0, length: 2 * PAGE, protection: RW })).toBe(-ENOMEM);
  expect(areas(mm)).toEqual([[0, 2, RW]]);
});

test('pages that come back to the memory file are zero when they are mapped again', () => {
  const { mm, memory } = setUp();
  mm.map(anonymous(AT, 4));
  mm.user.writeU32(AT + PAGE, 7);
  mm.unmap(AT, 4 * PAGE);
  expect(memory.used).toBe(0);
  mm.map(anonymous(AT, 4));
  expect(mm.user.readU32(AT + PAGE)).toBe(0);
});

test('pages are somebody else’s only when no thread can reach them any more', () => {
  const memory = new FakeMemoryFile();
  const space = new FakeAddressSpace();
  const waiting: (() => void)[] = [];
  const mm = new GuestMemory(
    memory,
    Object.assign(space, { afterChanges: (done: () => void) => waiting.push(done) }),
  );
  const pages = new FilePages(memory, Buffer.alloc(PAGE));
  const used = memory.used;
  mm.map(anonymous(AT, 2));
  mm.map({ ...anonymous(2 * AT, 1), file: mapped(pages, '/x'), shared: true });
  mm.unmap(AT, PAGE);
  expect(memory.used).toBe(used + 2 * PAGE);
  waiting.shift()!();
  expect(memory.used).toBe(used + PAGE);
  mm.release();
  expect([memory.used, pages.holders]).toEqual([used + PAGE, 1]);
  waiting.shift()!();
  expect([memory.used, pages.holders]).toEqual([used, 0]);
});

test('reservations take nothing, and huge mappings what is touched of them', () => {
  const { mm, memory, space } = setUp();
  mm.map(anonymous(AT, 2 ** 20, PROT_NONE));
  expect(memory.used).toBe(0);
  mm.protect(AT, 3 * PAGE, RW);
  expect(memory.used).toBe(3 * PAGE);
  mm.map(anonymous(2 * AT, 2 ** 20));
  expect(memory.used).toBe(3 * PAGE);
  expect(fault(mm, 2 * AT + 5 * 2 ** 20, true, false)).toBeUndefined();
  expect(space.host.has(2 * AT + 4 * 2 ** 20)).toBe(true);
  mm.user.writeU32(2 * AT + 1, 5);
  expect(memory.used).toBe(3 * PAGE + 2 * 2 ** 21);
  expect(mm.unmap(2 * AT, 2 ** 32)).toBe(0);
  expect(mm.unmap(AT, 2 ** 32)).toBe(0);
  expect([memory.used, space.host.size, mm.areas.mapped]).toEqual([0, 0, 0]);
});

test('near the limit pages are counted when they are touched', () => {
  const memory = new FakeMemoryFile(4 * 2 ** 20, 64 * 2 ** 20);
  const mm = new GuestMemory(memory, new FakeAddressSpace());
  for (let index = 0; index < 3; index++) mm.map(anonymous(AT + index * 2 ** 24, 1024));
  expect(memory.used).toBe(4 * 2 ** 20);
  mm.user.writeU8(AT + 2 ** 24, 1);
  expect(memory.used).toBe(6 * 2 ** 20);
  for (let page = 0; page < 400; page++) mm.user.writeU8(AT + page * PAGE, 1);
  const child = fork(mm, new FakeAddressSpace()) as GuestMemory;
  expect(child.user.readU8(AT + 2 ** 24)).toBe(1);
  expect(fault(mm, AT + 2 * 2 ** 24, true, false)).toEqual({ signal: SIGNALS.SIGKILL, code: 0 });
  expect(() => mm.user.writeU8(AT + 2 * 2 ** 24, 1)).toThrow();
  child.release();
  expect(fault(mm, AT + 2 * 2 ** 24, true, false)).toBeUndefined();
});

test('a fault outside is SIGSEGV, with the reason', () => {
  const { mm } = setUp();
  mm.map(anonymous(AT, 1, PROT_READ));
  expect(fault(mm, AT - 1, false, false)).toEqual({ signal: SIGNALS.SIGSEGV, code: 1 });
  expect(fault(mm, AT, true, false)).toEqual({ signal: SIGNALS.SIGSEGV, code: 2 });
  expect(fault(mm, AT, false, true)).toEqual({ signal: SIGNALS.SIGSEGV, code: 2 });
  expect(fault(mm, AT, false, false)).toBeUndefined();
  // Unless the host goes on refusing what is there, as it does without memory.
  for (let times = 1; times < 100; times++) fault(mm, AT, false, false);
  expect(fault(mm, AT, false, false)).toEqual({ signal: SIGNALS.SIGBUS, code: 2 });
});

test('the heap grows and shrinks, and not into anything else', () => {
  const { mm } = setUp();
  mm.heapStart = mm.heapEnd = AT;
  expect(brk(mm, 0)).toBe(AT);
  expect(brk(mm, AT + 100)).toBe(AT + 100);
  expect(brk(mm, AT + 3 * PAGE)).toBe(AT + 3 * PAGE);
  expect(areas(mm)).toEqual([[0, 3, RW]]);
  mm.map(anonymous(AT + 4 * PAGE, 1, PROT_READ));
  expect(brk(mm, AT + 5 * PAGE)).toBe(AT + 3 * PAGE);
  expect(brk(mm, AT + 1)).toBe(AT + 1);
  expect(areas(mm)).toEqual([
    [0, 1, RW],
    [4, 5, PROT_READ],
  ]);
});

test('a heap that grows page by page is one piece, as long as its pages are in a row', () => {
  const { mm, memory, space } = setUp();
  mm.heapStart = mm.heapEnd = AT;
  for (let pages = 1; pages <= 100; pages++) brk(mm, AT + pages * PAGE);
  expect(mm.pages.pieces).toHaveLength(1);
  memory.allocate(PAGE);
  brk(mm, AT + 101 * PAGE);
  expect(mm.pages.pieces).toHaveLength(2);
  checkHost(mm, space);
});

test('private mappings of a file share its pages until they are writable', () => {
  const { mm, memory, space } = setUp();
  const pages = new FilePages(memory, Buffer.alloc(5 * PAGE, 'abcd'), 2 * PAGE);
  const file = mapped(pages, '/lib/x');
  const used = memory.used;
  mm.map({ ...anonymous(AT, 6, PROT_READ), file });
  expect(memory.used).toBe(used);
  expect(mm.user.readU32(AT)).toBe(0x64636261);
  expect(() => mm.user.readU8(AT + 5 * PAGE)).toThrow();
  expect(fault(mm, AT + 5 * PAGE, false, false)).toEqual({ signal: SIGNALS.SIGBUS, code: 2 });
  mm.protect(AT + PAGE, 2 * PAGE, RW);
  expect(memory.used).toBe(used + 2 * PAGE);
  mm.user.writeU32(AT + PAGE, 1);
  expect(memory.bytes(pages.extent(PAGE, PAGE).offset, 4).toString()).toBe('abcd');
  mm.protect(AT, 6 * PAGE, PROT_READ);
  expect(mm.user.readU32(AT + PAGE)).toBe(1);
  checkHost(mm, space);
  mm.unmap(AT, 6 * PAGE);
  expect([memory.used, pages.holders]).toEqual([used, 0]);
});

test('shared mappings of a file write to it, if it may be written', () => {
  const { mm, memory } = setUp();
  const pages = new FilePages(memory, Buffer.alloc(3 * PAGE), 2 * PAGE);
  const file = mapped(pages, '/tmp/x');
  mm.map({ ...anonymous(AT, 3), file, shared: true });
  mm.user.writeU32(AT + 2 * PAGE, 9);
  expect(memory.bytes(pages.extent(2 * PAGE, PAGE).offset, 1)[0]).toBe(9);
  mm.map({ ...anonymous(2 * AT, 3, PROT_READ), file, shared: true, allowed: PROT_READ });
  expect(mm.protect(2 * AT, PAGE, RW)).toBe(-EACCES);
});

test('what becomes executable shows the patched text, until it becomes writable', () => {
  const { memory, space } = setUp();
  const patched = memory.allocate(4 * PAGE);
  memory.bytes(patched, 4 * PAGE).fill(0xee);
  let held = 0;
  const mm = new GuestMemory(memory, space, {
    text: (_, position, length) => {
      held += length;
      return patched + position;
    },
    acquire: (_, length) => void (held += length),
    release: (_, length) => void (held -= length),
  });
  const file = mapped(new FilePages(memory, Buffer.alloc(4 * PAGE, 1)), '/lib/x');
  mm.map({ ...anonymous(AT, 4, PROT_READ), file });
  expect(mm.user.readU8(AT)).toBe(1);
  mm.protect(AT + PAGE, 2 * PAGE, RX);
  expect([mm.user.readU8(AT), mm.user.readU8(AT + PAGE)]).toEqual([1, 0xee]);
  expect(held).toBe(2 * PAGE);
  mm.protect(AT + PAGE, PAGE, RW);
  // The guest's copy is of the file, not of the patched text, in which a thread may still wait.
  expect(mm.user.readU8(AT + PAGE)).toBe(1);
  mm.user.writeU8(AT + PAGE, 3);
  expect(held).toBe(2 * PAGE);
  expect(memory.bytes(patched + PAGE, 1)[0]).toBe(0xee);
  checkHost(mm, space);
  mm.release();
  expect(held).toBe(0);
});

test('what a shared mapping has changed is handed on when it ends, or its process does', () => {
  const { mm, memory } = setUp();
  let flushed = 0;
  const pages = Object.assign(new FilePages(memory, Buffer.alloc(8 * PAGE)), { flush: () => void flushed++ });
  const file = mapped(pages, '/shared');
  mm.map({ ...anonymous(AT, 4), file, shared: true });
  mm.map({ ...anonymous(2 * AT, 4), file, shared: true });
  mm.map({ ...anonymous(3 * AT, 4), file });
  mm.unmap(AT, 4 * PAGE);
  expect(flushed).toBe(1);
  mm.release();
  expect(flushed).toBe(2);
});

test('running out of memory while pages are copied leaves the shared ones protected', () => {
  const { mm, memory } = setUp(20 * PAGE);
  const pages = new FilePages(memory, Buffer.alloc(12 * PAGE, 1), 12 * PAGE);
  mm.map({ ...anonymous(AT, 12, PROT_READ), file: mapped(pages, '/x') });
  expect(mm.protect(AT, 12 * PAGE, RW)).toBe(-ENOMEM);
  expect(() => mm.user.writeU8(AT, 2)).toThrow();
});
