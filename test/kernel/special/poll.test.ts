import { beforeEach, describe, expect, it } from 'vitest';
import { events } from '../../../src/kernel/syscalls/events.ts';
import { pipes } from '../../../src/kernel/syscalls/pipes.ts';
import { poll } from '../../../src/kernel/syscalls/poll.ts';
import { select } from '../../../src/kernel/syscalls/select.ts';
import { IoVector } from '../../../src/kernel/memory/io-vector.ts';
import { EBADF, EINVAL, ERESTARTNOHAND, ERESTART_RESTARTBLOCK } from '../../../src/linux/errno.ts';
import { O_NONBLOCK } from '../../../src/linux/open-flags.ts';
import { POLLHUP, POLLIN, POLLNVAL, POLLOUT } from '../../../src/linux/poll.ts';
import { FakeTask } from '../support/task.ts';

let guest: FakeTask;
const READER = 0;
const WRITER = 1;

beforeEach(() => {
  guest = new FakeTask();
  guest.call(pipes, 'pipe2', guest.memory.reserve(8), O_NONBLOCK);
});

function entries(...list: [fd: number, events: number][]): number {
  const address = guest.memory.reserve(8 * list.length);
  list.forEach(([fd, wanted], index) => {
    guest.memory.writeU32(address + 8 * index, fd);
    guest.memory.writeU16(address + 8 * index + 4, wanted);
  });
  return address;
}
const revents = (address: number, index = 0) => guest.memory.readU16(address + 8 * index + 6);
const feed = (bytes = 'x') => guest.files.get(WRITER).write(IoVector.kernel(Buffer.from(bytes)), guest.task);

describe('poll', () => {
  it('answers at once what is ready, and what is wrong', () => {
    const list = entries([READER, POLLIN], [WRITER, POLLIN | POLLOUT], [77, POLLIN], [-1, POLLIN]);
    expect(guest.call(poll, 'poll', list, 4, -1)).toBe(2);
    expect([0, 1, 2, 3].map((index) => revents(list, index))).toEqual([0, POLLOUT, POLLNVAL, 0]);
  });

  it('waits, and keeps what it waits for open', async () => {
    const list = entries([READER, POLLIN]);
    const waiting = guest.call(poll, 'poll', list, 1, -1);
    const reader = guest.files.get(READER);
    guest.files.close(READER);
    guest.files.close(WRITER);
    expect(await waiting).toBe(1);
    expect(revents(list)).toBe(POLLHUP);
    expect(reader.references).toBe(0);
  });

  it('gives up at its deadline, and not before', async () => {
    const before = performance.now();
    expect(await guest.call(poll, 'poll', entries([READER, POLLIN]), 1, 20)).toBe(0);
    expect(performance.now() - before).toBeGreaterThanOrEqual(19);
    expect(guest.call(poll, 'poll', entries([READER, POLLIN]), 1, 0)).toBe(0);
  });

  it('goes on until the same deadline after a signal without a handler', async () => {
    const list = entries([READER, POLLIN]);
    const waiting = guest.call(poll, 'poll', list, 1, 10_000);
    guest.interrupt();
    expect(await waiting).toBe(-ERESTART_RESTARTBLOCK);
    feed();
    expect(await guest.restartBlock?.(guest.task)).toBe(1);
  });

  it('runs under the mask that ppoll is given, and tells the time left', async () => {
    const mask = guest.memory.place(Buffer.from([0, 4, 0, 0, 0, 0, 0, 1]));
    const timeout = guest.memory.reserve(16);
    guest.memory.writeI64(timeout, 5);
    const waiting = guest.call(poll, 'ppoll', entries([READER, POLLIN]), 1, timeout, mask, 8);
    guest.interrupt();
    expect(await waiting).toBe(-ERESTARTNOHAND);
    expect(guest.masks).toMatchObject([{ low: 0x400, high: 0x100_0000 }]);
    expect(guest.memory.readI64(timeout)).toBe(4);
    expect(guest.call(poll, 'ppoll', entries(), 0, timeout, mask, 4)).toBe(-EINVAL);
  });
});

describe('select', () => {
  const set = (...fds: number[]) => {
    const bytes = Buffer.alloc(8);
    for (const fd of fds) bytes[fd >> 3]! |= 1 << (fd & 7);
    return guest.memory.place(bytes);
  };

  it('counts bits, and clears those that are not ready', () => {
    const readable = set(READER);
    const writable = set(WRITER);
    expect(guest.call(select, 'select', 2, readable, writable, 0, 0)).toBe(1);
    expect([guest.memory.readU8(readable), guest.memory.readU8(writable)]).toEqual([0, 2]);
    expect(guest.call(select, 'select', 64, set(9), 0, 0, 0)).toBe(-EBADF);
  });

  it('waits, and leaves the sets empty at the deadline', async () => {
    const readable = set(READER);
    const waiting = guest.call(select, 'select', 1, readable, 0, 0, 0);
    feed();
    expect(await waiting).toBe(1);
    guest.files.get(READER).read(IoVector.kernel(Buffer.alloc(1)), guest.task);
    const timeout = guest.memory.reserve(16);
    guest.memory.writeI64(timeout + 8, 2000);
    expect(await guest.call(select, 'select', 1, readable, 0, 0, timeout)).toBe(0);
    expect([guest.memory.readU8(readable), guest.memory.readI64(timeout + 8)]).toEqual([0, 0]);
  });
});

describe('an eventfd', () => {
  const make = (initial: number, flags: number) =>
    guest.files.get(guest.call(events, 'eventfd2', initial, flags) as number);
  const value = (low: number, high = 0) => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(low, 0);
    bytes.writeUInt32LE(high, 4);
    return bytes;
  };
  const read = (file: ReturnType<typeof make>) => {
    const bytes = Buffer.alloc(8);
    const result = file.read(IoVector.kernel(bytes), guest.task);
    return result === 8 ? bytes.readBigUInt64LE() : result;
  };

  it('adds up, and is taken whole or one at a time', () => {
    const whole = make(3, O_NONBLOCK);
    whole.write(IoVector.kernel(value(4)), guest.task);
    expect(read(whole)).toBe(7n);
    expect(read(whole)).toBe(-11);
    const single = make(2, O_NONBLOCK | 1);
    expect([read(single), read(single), read(single)]).toEqual([1n, 1n, -11]);
  });

  it('counts in 64 bits, and is full at 2^64 - 2', () => {
    const file = make(0, O_NONBLOCK);
    expect(file.write(IoVector.kernel(value(0xffff_ffff, 0xffff_ffff)), guest.task)).toBe(-EINVAL);
    expect(file.write(IoVector.kernel(value(0xffff_fffe, 0xffff_ffff)), guest.task)).toBe(8);
    expect(file.poll() & POLLOUT).toBe(0);
    expect(file.write(IoVector.kernel(value(1)), guest.task)).toBe(-11);
    expect(read(file)).toBe(2n ** 64n - 2n);
  });
});
