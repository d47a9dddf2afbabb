import { expect, test } from 'vitest';
import { fork } from '../../../src/kernel/memory/fork.ts';
import { GuestMemory } from '../../../src/kernel/memory/guest-memory.ts';
import { DONT_FORK, WIPE_ON_FORK } from '../../../src/kernel/memory/vma.ts';
import { ENOMEM } from '../../../src/linux/errno.ts';
import { PROT_READ, PROT_WRITE } from '../../../src/linux/mman.ts';
import { PAGE } from '../../../src/platform/memory-file.ts';
import { FakeAddressSpace } from '../support/address-space.ts';
import { FilePages, mapped } from '../support/file-pages.ts';
import { FakeMemoryFile } from '../support/memory-file.ts';

const RW = PROT_READ | PROT_WRITE;
const AT = 0x10_0000_0000;

function setUp(limit?: number) {
  const memory = new FakeMemoryFile(limit);
  const mm = new GuestMemory(memory, new FakeAddressSpace());
  const map = (page: number, pages: number, more = {}) =>
    mm.map({
      address: AT + page * PAGE,
      length: pages * PAGE,
      protection: RW,
      placement: 'replace',
      ...more,
    });
  return { memory, mm, map };
}

function forked(mm: GuestMemory): GuestMemory {
  const child = fork(mm, new FakeAddressSpace());
  if (typeof child === 'number') throw new Error(`errno ${-child}`);
  return child;
}

test('private pages are copied, shared ones are the same', () => {
  const { memory, mm, map } = setUp();
  const file = mapped(new FilePages(memory, Buffer.alloc(4 * PAGE, 'f')), '/f');
  map(0, 100);
  map(100, 3, { protection: PROT_READ });
  map(103, 4, { file, shared: true });
  map(200, 4, { file, protection: PROT_READ });
  for (const page of [0, 50, 51, 99, 103]) mm.user.writeU32(AT + page * PAGE, page + 1);
  const child = forked(mm);
  for (const page of [0, 50, 51, 99, 103]) expect(child.user.readU32(AT + page * PAGE)).toBe(page + 1);
  expect(child.user.readU32(AT + 98 * PAGE)).toBe(0);
  expect(child.user.readU8(AT + 201 * PAGE)).toBe('f'.charCodeAt(0));
  child.user.writeU32(AT + 50 * PAGE, 7);
  child.user.writeU32(AT + 103 * PAGE, 8);
  expect([mm.user.readU32(AT + 50 * PAGE), mm.user.readU32(AT + 103 * PAGE)]).toEqual([51, 8]);
  expect(child.space.lowest).toBe(mm.space.lowest);
  // The two private areas touch and share an extent, but not their protection.
  const { calls, host } = child.space as FakeAddressSpace;
  expect(calls).toHaveLength(4);
  expect(host.get(AT + 100 * PAGE)).toEqual({
    offset: host.get(AT)!.offset + 100 * PAGE,
    protection: PROT_READ,
  });
  const used = memory.used;
  mm.release();
  expect(memory.used).toBe(used - 103 * PAGE);
  child.release();
  expect((file.memory as FilePages).holders).toBe(0);
});

test('a copy has no bytes of whoever had its pages before', () => {
  const { memory, mm, map } = setUp();
  const old = memory.allocate(100 * PAGE);
  memory.bytes(old, 100 * PAGE).fill(0xff);
  map(0, 100);
  mm.user.writeU8(AT + 20 * PAGE, 1);
  memory.free(old, 100 * PAGE);
  const child = forked(mm);
  expect(child.user.readBytes(AT, 100 * PAGE).filter((byte) => byte !== 0)).toHaveLength(1);
});

test('areas that do not want to be copied', () => {
  const { mm, map } = setUp();
  map(0, 30);
  map(0, 10, { flags: DONT_FORK });
  map(10, 10, { flags: WIPE_ON_FORK });
  for (const page of [5, 15, 25]) mm.user.writeU8(AT + page * PAGE, 1);
  const child = forked(mm);
  expect(() => child.user.readU8(AT + 5 * PAGE)).toThrow();
  expect(child.user.readU8(AT + 15 * PAGE)).toBe(0);
  expect(child.user.readU8(AT + 25 * PAGE)).toBe(1);
});

test('without memory for the copy nothing is left of it', () => {
  const { memory, mm, map } = setUp(50 * PAGE);
  map(0, 10);
  map(20, 20);
  expect(fork(mm, new FakeAddressSpace())).toBe(-ENOMEM);
  expect(memory.used).toBe(30 * PAGE);
});
