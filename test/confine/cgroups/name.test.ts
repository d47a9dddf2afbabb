import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { cgroupName, ownerIsGone, ownerOf } from '../../../src/confine/cgroups/name.ts';

test('each name is another, and says that it is ours', () => {
  const names = [cgroupName(), cgroupName()];
  expect(new Set(names).size).toBe(2);
  for (const name of names) {
    expect(name).toMatch(/^ring3-/);
    expect(ownerOf(name)).toMatchObject({ pid: process.pid });
    expect(ownerIsGone(ownerOf(name)!)).toBe(false);
  }
});

test('an owner is gone when its process is, or when the pid is somebody else’s', async () => {
  const me = ownerOf(cgroupName())!;
  expect(ownerIsGone({ ...me, start: me.start - 1 })).toBe(true);
  const child = spawn('true');
  await once(child, 'exit');
  expect(ownerIsGone({ ...me, pid: child.pid! })).toBe(true);
});

test('of a process in another pid namespace nothing is known', () => {
  const me = ownerOf(cgroupName())!;
  expect(ownerIsGone({ ...me, pidNamespace: 1, start: 1 })).toBe(false);
});

test.each([
  'ring3-test-x',
  'ring3-settled',
  'ring3-1-2-3',
  'docker-1-2-3-4',
  'ring3-1-2-3-4-5',
  'ring3-1-2-x-4',
])('%s has no owner', (name) => expect(ownerOf(name)).toBeUndefined());
