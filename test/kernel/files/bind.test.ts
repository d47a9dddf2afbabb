import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ENOENT, EROFS, EXDEV } from '../../../src/linux/errno.ts';
import { World } from './world.ts';

let shared: string;
beforeEach(() => {
  shared = mkdtempSync(join(tmpdir(), 'ring3-bind-'));
});
afterEach(() => rmSync(shared, { recursive: true }));

function bound(readOnly = false): World {
  const world = new World({ 'etc/motd': 'host' });
  const root = world.fileSystem.bind(shared, '/shared', readOnly);
  if (typeof root === 'number') throw new Error(`bind: ${root}`);
  return world;
}

test('what the guest writes, the host has', () => {
  using world = bound();
  expect(world.sys('mkdir', '/shared/d', 0o750)).toBe(0);
  expect(world.write('/shared/d/f', 'from the guest', 0o101, 0o640)).toBe(14);
  expect(readFileSync(join(shared, 'd/f'), 'utf8')).toBe('from the guest');
  expect(statSync(join(shared, 'd/f')).mode & 0o777).toBe(0o640);
  expect(world.sys('rename', '/shared/d/f', '/shared/g')).toBe(0);
  expect(world.sys('truncate', '/shared/g', 4)).toBe(0);
  expect(world.sys('chmod', '/shared/g', 0o600)).toBe(0);
  expect(readFileSync(join(shared, 'g'), 'utf8')).toBe('from');
  expect(world.sys('rename', '/shared/g', '/etc/g')).toBe(-EXDEV);
  expect(world.sys('symlink', '/etc/motd', '/shared/l')).toBe(0);
  expect(world.content('/shared/l')).toBe('host');
  expect(world.sys('unlink', '/shared/l')).toBe(0);
  expect(world.sys('unlink', '/shared/g')).toBe(0);
  expect(existsSync(join(shared, 'g'))).toBe(false);
});

test('what the host writes meanwhile, the guest sees', () => {
  using world = bound();
  writeFileSync(join(shared, 'f'), 'first');
  const fd = world.sys('open', '/shared/f', 0);
  expect(world.readAll(fd)).toBe('first');
  writeFileSync(join(shared, 'f'), 'first and more');
  expect(world.readAll(fd)).toBe(' and more');
  writeFileSync(join(shared, 'new'), 'x');
  expect(world.names('/shared')).toEqual(['f', 'new']);
  rmSync(join(shared, 'f'));
  expect(world.content('/shared/f')).toBe(-ENOENT);
});

test('writes keep what is in memory and what is on the host alike', () => {
  using world = bound();
  writeFileSync(join(shared, 'f'), 'a'.repeat(300_000));
  const fd = world.sys('open', '/shared/f', 2);
  const buffer = world.user.reserve(8);
  expect(world.sys('pread64', fd, buffer, 4, 0)).toBe(4);
  expect(world.sys('pwrite64', fd, 'XY', 2, 131_071)).toBe(2);
  expect(world.sys('pwrite64', fd, 'end', 3, 299_999)).toBe(3);
  expect(world.sys('pread64', fd, buffer, 4, 131_070)).toBe(4);
  expect(world.user.text(buffer, 4)).toBe('aXYa');
  const host = readFileSync(join(shared, 'f'), 'latin1');
  expect(world.readAll(fd)).toBe(host);
  expect(host).toHaveLength(300_002);
});

test('a shared mapping reaches the host when it ends', () => {
  using world = bound();
  writeFileSync(join(shared, 'f'), 'mapped');
  const fd = world.sys('open', '/shared/f', 2);
  const memory = world.files.get(fd).memory();
  if (typeof memory === 'number') throw new Error(`memory: ${memory}`);
  memory.acquire();
  const { offset } = memory.extent(0, 4096);
  world.pages.bytes(offset, 6).write('MAPPED');
  memory.release();
  expect(readFileSync(join(shared, 'f'), 'utf8')).toBe('MAPPED');
});

test('a removed file stays with those who have it open', () => {
  using world = bound();
  writeFileSync(join(shared, 'f'), 'still here');
  const fd = world.sys('open', '/shared/f', 2);
  expect(world.sys('unlink', '/shared/f')).toBe(0);
  expect(world.readAll(fd)).toBe('still here');
  expect(world.sys('write', fd, '!', 1)).toBe(1);
});

test('a read-only bind is not written to', () => {
  using world = bound(true);
  writeFileSync(join(shared, 'f'), 'x');
  expect(world.content('/shared/f')).toBe('x');
  expect(world.write('/shared/f', 'y')).toBe(-EROFS);
  expect(world.write('/shared/new', 'y')).toBe(-EROFS);
  expect(world.sys('unlink', '/shared/f')).toBe(-EROFS);
});

test('no link that the host puts in the way leads out', () => {
  using world = bound();
  mkdirSync(join(shared, 'd'));
  writeFileSync(join(shared, 'd/f'), 'inside');
  const outside = mkdtempSync(join(tmpdir(), 'ring3-outside-'));
  writeFileSync(join(outside, 'f'), 'outside');
  expect(world.content('/shared/d/f')).toBe('inside');
  // The folder is swapped for a link after the guest has looked: what it holds is still the old folder.
  const fd = world.sys('open', '/shared/d', 0);
  renameSync(join(shared, 'd'), join(shared, 'moved'));
  symlinkSync(outside, join(shared, 'd'));
  const opened = world.sys('openat', fd, 'f', 0);
  expect(world.readAll(opened)).toBe('inside');
  expect(world.write('/shared/d/f', 'written')).toBe(-ENOENT);
  symlinkSync(join(outside, 'f'), join(shared, 'l'));
  expect(world.content('/shared/l')).toBe(-ENOENT);
  expect(readFileSync(join(outside, 'f'), 'utf8')).toBe('outside');
  expect(lstatSync(join(shared, 'l')).isSymbolicLink()).toBe(true);
  rmSync(outside, { recursive: true });
});
