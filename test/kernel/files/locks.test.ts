import { expect, test } from 'vitest';
import { FileLocks, type Lock } from '../../../src/kernel/files/locks.ts';
import { EAGAIN, EDEADLK } from '../../../src/linux/errno.ts';
import { FakeTask } from '../support/task.ts';
import { World } from './world.ts';

const one = { name: 'one' };
const two = { name: 'two' };

function lock(owner: object, exclusive: boolean, start: number, end: number): Lock {
  return { owner, pid: 1, exclusive, start, end };
}

test('readers share, writers do not, and ranges that do not meet do not matter', () => {
  const locks = new FileLocks();
  expect(locks.take(lock(one, false, 0, 10))).toBe(0);
  expect(locks.take(lock(two, false, 5, 15))).toBe(0);
  expect(locks.take(lock(two, true, 5, 15))).toBe(-EAGAIN);
  expect(locks.take(lock(two, true, 10, 15))).toBe(0);
  expect(locks.conflict(lock(one, false, 0, 100))).toMatchObject({ start: 10, end: 15 });
});

test('giving up the middle leaves both ends', () => {
  const locks = new FileLocks();
  locks.take(lock(one, true, 0, 30));
  locks.release(one, 10, 20);
  expect(locks.take(lock(two, true, 10, 20))).toBe(0);
  expect(locks.take(lock(two, true, 9, 10))).toBe(-EAGAIN);
  expect(locks.take(lock(two, true, 20, 21))).toBe(-EAGAIN);
});

test('a wait that can never end is refused, another ends when the lock is free', async () => {
  const locks = new FileLocks();
  const { task } = new FakeTask();
  locks.take(lock(one, true, 0, 1));
  locks.take(lock(two, true, 1, 2));
  const waiting = locks.takeWaiting(lock(one, true, 1, 2), task, true);
  expect(locks.takeWaiting(lock(two, true, 0, 1), task, true)).toBe(-EDEADLK);
  locks.release(two);
  expect(await waiting).toBe(0);
});

test('closing any descriptor of the file ends the process’s record locks, and flock goes with its description', () => {
  using world = new World({ f: 'x' });
  const first = world.sys('open', '/f', 2);
  const second = world.sys('open', '/f', 2);
  const request = world.user.place(Buffer.from([1, 0, ...Array<number>(30).fill(0)]));
  expect(world.sys('fcntl', first, 6, request)).toBe(0);
  expect(world.sys('flock', first, 2)).toBe(0);
  expect(world.sys('flock', second, 6)).toBe(-EAGAIN);
  const { inode } = world.files.get(first).dentry!;
  world.sys('close', second);
  expect(inode!.recordLocks!.conflict(lock(one, true, 0, 9))).toBeUndefined();
  const copy = world.sys('dup', first);
  world.sys('close', first);
  expect(inode!.wholeLocks!.conflict(lock(one, true, 0, 9))).toBeDefined();
  world.sys('close', copy);
  expect(inode!.wholeLocks!.conflict(lock(one, true, 0, 9))).toBeUndefined();
});
