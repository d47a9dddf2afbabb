import { beforeEach, describe, expect, it } from 'vitest';
import { epoll } from '../../../src/kernel/syscalls/epoll.ts';
import { events } from '../../../src/kernel/syscalls/events.ts';
import { pipes } from '../../../src/kernel/syscalls/pipes.ts';
import { IoVector } from '../../../src/kernel/memory/io-vector.ts';
import { EEXIST, EINTR, EINVAL, ELOOP, ENOENT } from '../../../src/linux/errno.ts';
import {
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLONESHOT,
  EPOLL_CTL_ADD as ADD,
  EPOLL_CTL_DEL as DEL,
  EPOLL_CTL_MOD as MOD,
} from '../../../src/linux/epoll.ts';
import { O_NONBLOCK } from '../../../src/linux/open-flags.ts';
import { POLLHUP, POLLIN, POLLOUT } from '../../../src/linux/poll.ts';
import { FakeTask } from '../support/task.ts';

let guest: FakeTask;
let set: number;
let reader: number;
let writer: number;
let buffer: number;

beforeEach(() => {
  guest = new FakeTask();
  const ends = guest.memory.reserve(8);
  guest.call(pipes, 'pipe2', ends, O_NONBLOCK);
  reader = guest.memory.readI32(ends);
  writer = guest.memory.readI32(ends + 4);
  set = guest.call(epoll, 'epoll_create1', 0) as number;
  buffer = guest.memory.reserve(12 * 8);
});

function ctl(operation: number, fd: number, wanted = 0, data = fd, on = set): number {
  const event = guest.memory.reserve(12);
  guest.memory.writeU32(event, wanted);
  guest.memory.writeU32(event + 4, data);
  guest.memory.writeU32(event + 8, 0xfeed_beef);
  return guest.call(epoll, 'epoll_ctl', on, operation, fd, event) as number;
}

/** Pairs of the data and the events. */
function told(count: number): [number, number][] {
  return Array.from({ length: count }, (_, index) => [
    guest.memory.readI32(buffer + 12 * index + 4),
    guest.memory.readI32(buffer + 12 * index),
  ]);
}

const wait = (on = set, limit = 8) => told(guest.call(epoll, 'epoll_wait', on, buffer, limit, 0) as number);
const feed = (bytes = 'x') => guest.files.get(writer).write(IoVector.kernel(Buffer.from(bytes)), guest.task);
const drain = (length = 100) =>
  guest.files.get(reader).read(IoVector.kernel(Buffer.alloc(length)), guest.task);

describe('epoll', () => {
  it('tells of a level as long as it lasts', () => {
    expect(ctl(ADD, reader, POLLIN, 42)).toBe(0);
    expect(wait()).toEqual([]);
    feed();
    expect(wait()).toEqual([[42, POLLIN]]);
    expect(wait()).toEqual([[42, POLLIN]]);
    expect(guest.memory.readU32(buffer + 8)).toBe(0xfeed_beef);
    drain();
    expect(wait()).toEqual([]);
  });

  it('tells of an edge once, and of each new one', () => {
    ctl(ADD, reader, POLLIN | EPOLLET);
    feed();
    expect(wait()).toHaveLength(1);
    expect(wait()).toEqual([]);
    feed();
    expect(wait()).toHaveLength(1);
    drain(1);
    expect(wait()).toEqual([]);
  });

  it('does not take a change of room for a change of bytes', () => {
    const both = guest.call(epoll, 'epoll_create1', 0) as number;
    ctl(ADD, writer, POLLOUT | EPOLLET, writer, both);
    expect(wait(both)).toHaveLength(1);
    feed();
    drain();
    expect(wait(both)).toEqual([]);
    feed('y'.repeat(65536));
    expect(wait(both)).toEqual([]);
    drain(70000);
    expect(wait(both)).toEqual([[writer, POLLOUT]]);
  });

  it('tells a one-shot item once, until it is armed again', () => {
    ctl(ADD, reader, POLLIN | EPOLLONESHOT);
    feed();
    expect(wait()).toHaveLength(1);
    feed();
    expect(wait()).toEqual([]);
    expect(ctl(MOD, reader, POLLIN | EPOLLONESHOT, 9)).toBe(0);
    expect(wait()).toEqual([[9, POLLIN]]);
  });

  it('always tells of a hang-up', () => {
    ctl(ADD, reader, 0x2000);
    guest.files.close(writer);
    expect(wait()).toEqual([[reader, POLLHUP]]);
  });

  it('takes turns when there is more than fits', () => {
    const counters = [1, 2, 3].map(() => guest.call(events, 'eventfd2', 1, 0) as number);
    for (const fd of counters) ctl(ADD, fd, POLLIN);
    const seen = new Set([wait(set, 1), wait(set, 1), wait(set, 1)].map(([event]) => event![0]));
    expect(seen).toEqual(new Set(counters));
  });

  it('refuses what it must', () => {
    ctl(ADD, reader, POLLIN);
    expect(ctl(ADD, reader, POLLIN)).toBe(-EEXIST);
    expect(ctl(MOD, writer, POLLIN)).toBe(-ENOENT);
    expect(ctl(DEL, reader)).toBe(0);
    expect(ctl(DEL, reader)).toBe(-ENOENT);
    expect(ctl(ADD, set, POLLIN)).toBe(-EINVAL);
    expect(ctl(ADD, reader, POLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT)).toBe(-EINVAL);
    expect(guest.call(epoll, 'epoll_wait', set, buffer, 0, 0)).toBe(-EINVAL);
    expect(guest.call(epoll, 'epoll_wait', reader, buffer, 1, 0)).toBe(-EINVAL);
  });

  it('watches other epolls, but not itself through them', () => {
    const outer = guest.call(epoll, 'epoll_create1', 0) as number;
    ctl(ADD, reader, POLLIN);
    expect(ctl(ADD, set, POLLIN, 7, outer)).toBe(0);
    expect(ctl(ADD, outer, POLLIN, 8, set)).toBe(-ELOOP);
    expect(wait(outer)).toEqual([]);
    feed();
    expect(wait(outer)).toEqual([[7, POLLIN]]);
    drain();
    expect(wait(outer)).toEqual([]);
    let chain = outer;
    for (let depth = 0; depth < 4; depth++) {
      const next = guest.call(epoll, 'epoll_create1', 0) as number;
      expect(ctl(ADD, chain, POLLIN, 0, next)).toBe(depth < 3 ? 0 : -ELOOP);
      chain = next;
    }
  });

  it('forgets what has been closed', () => {
    const fd = guest.call(events, 'eventfd2', 1, 0) as number;
    ctl(ADD, fd, POLLIN);
    guest.files.close(fd);
    expect(wait()).toEqual([]);
    expect(guest.call(events, 'eventfd2', 1, 0)).toBe(fd);
    expect(ctl(ADD, fd, POLLIN)).toBe(0);
  });

  it('waits, until an event, a deadline or a signal', async () => {
    ctl(ADD, reader, POLLIN);
    const waiting = guest.call(epoll, 'epoll_wait', set, buffer, 8, -1);
    feed();
    expect(await waiting).toBe(1);
    drain();
    expect(await guest.call(epoll, 'epoll_wait', set, buffer, 8, 5)).toBe(0);
    const interrupted = guest.call(epoll, 'epoll_wait', set, buffer, 8, -1);
    guest.interrupt();
    expect(await interrupted).toBe(-EINTR);
  });

  it('wakes one of those that share a description exclusively', async () => {
    const sets = [set, guest.call(epoll, 'epoll_create1', 0) as number];
    for (const each of sets) ctl(ADD, reader, POLLIN | EPOLLEXCLUSIVE, 0, each);
    const other = new FakeTask(guest.kernel, guest.memory);
    other.files = guest.files;
    let woken = 0;
    const first = guest.call(epoll, 'epoll_wait', sets[0]!, buffer, 8, -1) as Promise<number>;
    const second = other.call(epoll, 'epoll_wait', sets[1]!, buffer, 8, -1) as Promise<number>;
    for (const waiting of [first, second]) void waiting.then(() => woken++);
    feed();
    await new Promise(setImmediate);
    expect(woken).toBe(1);
    other.interrupt();
    guest.interrupt();
  });
});
