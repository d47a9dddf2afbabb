import { beforeEach, describe, expect, it } from 'vitest';
import type { FileDescription } from '../../../src/kernel/files/description.ts';
import { fileEvent, moveEvent, nameEvent, selfEvent } from '../../../src/kernel/files/special/fs-notify.ts';
import { Inotify } from '../../../src/kernel/files/special/inotify.ts';
import { IoVector } from '../../../src/kernel/memory/io-vector.ts';
import { events } from '../../../src/kernel/syscalls/events.ts';
import { EAGAIN, EINVAL } from '../../../src/linux/errno.ts';
import {
  IN_CREATE,
  IN_DELETE_SELF,
  IN_IGNORED,
  IN_ISDIR,
  IN_MODIFY,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_ONESHOT,
} from '../../../src/linux/inotify.ts';
import { O_NONBLOCK } from '../../../src/linux/open-flags.ts';
import { POLLIN } from '../../../src/linux/poll.ts';
import { FakeTask } from '../support/task.ts';

let guest: FakeTask;
beforeEach(() => {
  guest = new FakeTask();
});

function read(file: FileDescription, length: number): Buffer | number {
  const bytes = Buffer.alloc(length);
  const count = file.read(IoVector.kernel(bytes), guest.task) as number;
  return count < 0 ? count : bytes.subarray(0, count);
}

describe('a timerfd', () => {
  const setting = (interval: number, value: number): number => {
    const at = guest.memory.reserve(32);
    guest.memory.writeI64(at + 8, interval);
    guest.memory.writeI64(at + 24, value);
    return at;
  };

  it('counts how often it has expired', async () => {
    const fd = guest.call(events, 'timerfd_create', 1, O_NONBLOCK) as number;
    const file = guest.files.get(fd);
    expect(read(file, 8)).toBe(-EAGAIN);
    guest.call(events, 'timerfd_settime', fd, 0, setting(2e6, 1e6), 0);
    await new Promise((resolve) => void setTimeout(resolve, 20));
    while (file.poll() !== 0x41) await new Promise(setImmediate);
    expect((read(file, 8) as Buffer).readUInt32LE()).toBeGreaterThanOrEqual(5);
    const old = guest.memory.reserve(32);
    expect(guest.call(events, 'timerfd_settime', fd, 0, setting(0, 0), old)).toBe(0);
    expect(guest.memory.readI64(old + 8)).toBe(2e6);
    expect(guest.memory.readI64(old + 24)).toBeGreaterThan(0);
    expect(guest.call(events, 'timerfd_create', 99, 0)).toBe(-EINVAL);
  });
});

describe('a signalfd', () => {
  it('gives what is pending and asked for, lowest first', () => {
    const mask = guest.memory.place(Buffer.from([0b10_0000_0010, 0b10, 0, 0, 0, 0, 0, 0]));
    const fd = guest.call(events, 'signalfd4', -1, mask, 8, O_NONBLOCK) as number;
    const file = guest.files.get(fd);
    expect(file.poll()).toBe(0);
    guest.group.pending.add({ signal: 10, code: 0, pid: 7, uid: 3 }, 100);
    guest.group.pending.add({ signal: 12, code: 0 }, 100);
    guest.pending.add({ signal: 2, code: -6, pid: 9 }, 100);
    expect(file.poll() & POLLIN).toBe(POLLIN);
    const bytes = read(file, 300) as Buffer;
    expect(bytes).toHaveLength(256);
    expect([bytes.readUInt32LE(0), bytes.readInt32LE(8), bytes.readInt32LE(12)]).toEqual([2, -6, 9]);
    expect([bytes.readUInt32LE(128), bytes.readInt32LE(140), bytes.readInt32LE(144)]).toEqual([10, 7, 3]);
    expect(read(file, 300)).toBe(-EAGAIN);
  });
});

describe('inotify', () => {
  const file = { status: { mode: 0o100644 } };
  const directory = { status: { mode: 0o040755 } };

  function told(watcher: Inotify): [wd: number, mask: number, name: string][] {
    const bytes = read(watcher, 4096);
    if (typeof bytes === 'number') return [];
    const list: [number, number, string][] = [];
    for (let at = 0; at < bytes.length;) {
      const length = bytes.readUInt32LE(at + 12);
      const name = bytes.toString('latin1', at + 16, at + 16 + length).replace(/\0+$/, '');
      list.push([bytes.readInt32LE(at), bytes.readInt32LE(at + 4), name]);
      at += 16 + length;
    }
    return list;
  }

  it('tells of a file and of names in a directory, each as it was asked', () => {
    const watcher = new Inotify(guest.task, O_NONBLOCK);
    expect(watcher.watch(directory, IN_CREATE | IN_MODIFY)).toBe(1);
    expect(watcher.watch(file, IN_MODIFY | IN_DELETE_SELF)).toBe(2);
    nameEvent(directory, IN_CREATE, 'new', file);
    nameEvent(directory, IN_CREATE, 'folder', directory);
    fileEvent(file, IN_MODIFY, directory, 'new');
    expect(told(watcher)).toEqual([
      [1, IN_CREATE, 'new'],
      [1, IN_CREATE | IN_ISDIR, 'folder'],
      [2, IN_MODIFY, ''],
      [1, IN_MODIFY, 'new'],
    ]);
    selfEvent(file, IN_DELETE_SELF);
    fileEvent(file, IN_MODIFY);
    expect(told(watcher)).toEqual([
      [2, IN_DELETE_SELF, ''],
      [2, IN_IGNORED, ''],
    ]);
    watcher.release();
  });

  it('ties the two halves of a move together, and says the same only once', () => {
    const watcher = new Inotify(guest.task, O_NONBLOCK);
    watcher.watch(directory, IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY);
    moveEvent(
      { directory, name: 'a', events: IN_MOVED_FROM },
      { directory, name: 'b', events: IN_MOVED_TO },
      file,
    );
    const bytes = read(watcher, 100) as Buffer;
    expect(bytes.readUInt32LE(8)).toBe(bytes.readUInt32LE(40));
    for (let round = 0; round < 3; round++) fileEvent(file, IN_MODIFY, directory, 'a');
    expect(told(watcher)).toHaveLength(1);
    watcher.release();
  });

  it('stops after one event when asked to, and when it is told to', () => {
    const watcher = new Inotify(guest.task, O_NONBLOCK);
    watcher.watch(file, IN_MODIFY | IN_ONESHOT);
    fileEvent(file, IN_MODIFY);
    fileEvent(file, IN_MODIFY);
    expect(told(watcher)).toEqual([
      [1, IN_MODIFY, ''],
      [1, IN_IGNORED, ''],
    ]);
    expect(watcher.unwatch(1)).toBe(-EINVAL);
    expect(watcher.watch(file, IN_MODIFY)).toBe(2);
    expect(read(watcher, 8)).toBe(-EAGAIN);
    fileEvent(file, IN_MODIFY);
    expect(read(watcher, 8)).toBe(-EINVAL);
    watcher.release();
  });
});
