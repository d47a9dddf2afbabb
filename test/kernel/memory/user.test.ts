import { beforeEach, expect, test } from 'vitest';
import { Failure } from '../../../src/kernel/failure.ts';
import { GuestMemory } from '../../../src/kernel/memory/guest-memory.ts';
import { EFAULT, ENAMETOOLONG } from '../../../src/linux/errno.ts';
import { PROT_READ, PROT_WRITE } from '../../../src/linux/mman.ts';
import { PAGE } from '../../../src/platform/memory-file.ts';
import { FakeAddressSpace } from '../support/address-space.ts';
import { FakeMemoryFile } from '../support/memory-file.ts';

const AT = 0x7000_0000_0000;
const RW = PROT_READ | PROT_WRITE;

/** Three pages whose places in the memory file do not touch, and a read-only one. */
let mm: GuestMemory;
beforeEach(() => {
  const memory = new FakeMemoryFile();
  mm = new GuestMemory(memory, new FakeAddressSpace());
  for (const page of [2, 0, 1, 3]) {
    const protection = page === 3 ? PROT_READ : RW;
    mm.map({ address: AT + page * PAGE, length: PAGE, protection, placement: 'replace' });
    memory.allocate(PAGE);
  }
});

const errnoOf = (action: () => unknown): number => {
  try {
    action();
  } catch (error) {
    if (error instanceof Failure) return error.errno;
    throw error;
  }
  return 0;
};

test('numbers of every size, aligned or not, within a page and across', () => {
  const { user } = mm;
  for (const at of [AT, AT + 5, AT + PAGE - 1, AT + PAGE - 2, AT + PAGE - 3, AT + PAGE - 7]) {
    for (const value of [0, 1, -1, 0x1234_5678_9abc, -0x1234_5678_9abc, 2 ** 53 - 1, -(2 ** 53)]) {
      user.writeI64(at, value);
      expect(user.readI64(at)).toBe(value);
    }
    user.writeU32(at, 0xfedc_ba98);
    expect([user.readU32(at), user.readI32(at)]).toEqual([0xfedc_ba98, 0xfedc_ba98 | 0]);
    user.writeU32(at, -2);
    expect(user.readI32(at)).toBe(-2);
    user.writeU16(at, 0xabcd);
    expect([user.readU16(at), user.readU8(at), user.readU8(at + 1)]).toEqual([0xabcd, 0xcd, 0xab]);
  }
});

test('bytes and strings go across pages', () => {
  const { user } = mm;
  const bytes = Buffer.from(Array.from({ length: 2 * PAGE }, (_, index) => index % 251));
  user.writeBytes(AT + 100, bytes);
  expect(user.readBytes(AT + 100, bytes.length).equals(bytes)).toBe(true);
  user.zero(AT + PAGE - 10, 20);
  expect(user.readBytes(AT + PAGE - 11, 22).filter((byte) => byte !== 0)).toHaveLength(2);
  const name = '\xe4\xff'.repeat(2100);
  user.writeBytes(AT + 10, Buffer.from(`${name}\0`, 'latin1'));
  expect(user.readString(AT + 10, 8192)).toBe(name);
  expect(errnoOf(() => user.readString(AT + 10))).toBe(ENAMETOOLONG);
  user.writeU8(AT + 4106, 0);
  expect(errnoOf(() => user.readString(AT + 10))).toBe(ENAMETOOLONG);
  user.writeU8(AT + 4105, 0);
  expect(user.readString(AT + 10)).toHaveLength(4095);
});

test('EFAULT wherever the guest could not do it', () => {
  const { user } = mm;
  user.readU8(AT);
  for (const action of [
    () => user.readU8(AT - 1),
    () => user.readU8(-1),
    () => user.readI64(AT + 4 * PAGE - 4),
    () => user.writeU8(AT + 3 * PAGE, 1),
    () => user.writeI64(AT + 3 * PAGE - 4, 1),
    () => user.writeU32(AT + 3 * PAGE - 2, 1),
    () => user.writeU16(AT + 3 * PAGE - 1, 1),
    () => user.readBytes(AT, 2 ** 40),
    () => user.readBytes(AT, -1),
    () => user.readString(AT + 4 * PAGE),
    () => user.stretch(2 ** 62, 1, false),
  ]) {
    expect(errnoOf(action)).toBe(EFAULT);
  }
  // Nothing of a number that does not fit is written.
  expect(user.readU32(AT + 3 * PAGE - 4)).toBe(0);
});

test('what was looked up is forgotten when the guest changes it', () => {
  const { user } = mm;
  user.writeU8(AT, 1);
  mm.protect(AT, PAGE, PROT_READ);
  expect(errnoOf(() => user.writeU8(AT, 2))).toBe(EFAULT);
  expect(user.readU8(AT)).toBe(1);
  mm.unmap(AT, PAGE);
  expect(errnoOf(() => user.readU8(AT))).toBe(EFAULT);
});

test('a stretch ends where the next page is elsewhere', () => {
  expect(mm.user.stretch(AT + 100, 3 * PAGE, true).length).toBe(PAGE - 100);
});
