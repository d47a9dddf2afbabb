import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EBADF, ELOOP, ENOENT, ENOTDIR } from '../../../src/linux/errno.ts';
import { World } from './world.ts';

test('reads a file of the host in pieces, and finds its end', () => {
  using world = new World({ 'etc/motd': 'hello, world' });
  const fd = world.sys('open', '/etc/motd', 0);
  expect(fd).toBe(0);
  const buffer = world.user.reserve(64);
  expect(world.sys('read', fd, buffer, 5)).toBe(5);
  expect(world.user.text(buffer, 5)).toBe('hello');
  expect(world.sys('pread64', fd, buffer, 64, 7)).toBe(5);
  expect(world.user.text(buffer, 5)).toBe('world');
  expect(world.sys('lseek', fd, -1, 2)).toBe(11);
  expect(world.readAll(fd)).toBe('d');
  expect(world.sys('close', fd)).toBe(0);
  expect(world.sys('read', fd, buffer, 1)).toBe(-EBADF);
});

test('a large file comes in blocks, each read when it is needed', () => {
  const text = Array.from({ length: 100_000 }, (_, line) => `line ${line}\n`).join('');
  using world = new World({ big: text });
  const fd = world.sys('open', '/big', 0);
  const buffer = world.user.reserve(16);
  for (const at of [0, 131_070, 500_000, text.length - 8]) {
    expect(world.sys('pread64', fd, buffer, 8, at)).toBe(8);
    expect(world.user.text(buffer, 8)).toBe(text.slice(at, at + 8));
  }
  expect(world.readAll(fd)).toBe(text);
});

test('what the guest writes, it sees, and the host does not', () => {
  using world = new World({ 'a/file': 'old content' });
  expect(world.write('/a/file', 'NEW', 1)).toBe(3);
  expect(world.content('/a/file')).toBe('NEW content');
  expect(world.write('/a/new', 'fresh')).toBe(5);
  expect(world.content('/a/new')).toBe('fresh');
  expect(world.names('/a')).toEqual(['file', 'new']);
  expect(readFileSync(join(world.host, 'a/file'), 'utf8')).toBe('old content');
});

test('links are followed inside the guest’s root, and no further than forty', () => {
  using world = new World({
    'd/f': 'found',
    abs: '-> /d/f',
    rel: '-> d/../d/f',
    up: '-> ../../../d/f',
    loop: '-> loop',
    dir: '-> d/',
  });
  for (const path of ['/abs', '/rel', '/up', '/dir/f', '//d/./f']) expect(world.content(path)).toBe('found');
  expect(world.content('/loop')).toBe(-ELOOP);
  expect(world.content('/d/f/')).toBe(-ENOTDIR);
  expect(world.content('/d/f/x')).toBe(-ENOTDIR);
  expect(world.content('/nothing')).toBe(-ENOENT);
  expect(world.stat('/abs', 'lstat').mode & 0o170000).toBe(0o120000);
  expect(world.stat('/abs').size).toBe(5);
});

test('known paths are answered without the host', () => {
  using world = new World({ 'd/f': 'found' });
  const before = world.stat('/d/f');
  expect(world.stat('/d/g').error).toBe(-ENOENT);
  writeFileSync(join(world.host, 'd/g'), 'the host may change, and we do not look');
  expect(world.stat('/d/g').error).toBe(-ENOENT);
  expect(world.stat('/d/f')).toEqual(before);
});

test('the working directory has a path, and relative paths begin there', () => {
  using world = new World({ 'a/b/f': 'x' });
  const buffer = world.user.reserve(64);
  expect(world.sys('chdir', '/a/b')).toBe(0);
  expect(world.sys('getcwd', buffer, 64)).toBe(5);
  expect(world.user.readString(buffer)).toBe('/a/b');
  expect(world.content('f')).toBe('x');
  expect(world.content('../b/f')).toBe('x');
});
