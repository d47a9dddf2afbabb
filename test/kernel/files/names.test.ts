import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY } from '../../../src/linux/errno.ts';
import { World } from './world.ts';

test('a removed file of the host stays removed, and its name can be used again', () => {
  using world = new World({ 'd/f': 'old', 'd/g': 'other' });
  expect(world.sys('unlink', '/d/f')).toBe(0);
  expect(world.content('/d/f')).toBe(-ENOENT);
  expect(world.names('/d')).toEqual(['g']);
  expect(world.sys('unlink', '/d/f')).toBe(-ENOENT);
  expect(world.write('/d/f', 'new')).toBe(3);
  expect(world.content('/d/f')).toBe('new');
  expect(existsSync(join(world.host, 'd/f'))).toBe(true);
});

test('a directory that is made where one was removed is empty', () => {
  using world = new World({ 'd/f': 'x' });
  expect(world.sys('rmdir', '/d')).toBe(-ENOTEMPTY);
  expect(world.sys('unlink', '/d')).toBe(-EISDIR);
  expect(world.sys('unlink', '/d/f')).toBe(0);
  expect(world.sys('rmdir', '/d')).toBe(0);
  expect(world.sys('mkdir', '/d', 0o755)).toBe(0);
  expect(world.names('/d')).toEqual([]);
  expect(world.content('/d/f')).toBe(-ENOENT);
});

test('an open file outlives its name', () => {
  using world = new World({ f: 'still here' });
  const fd = world.sys('open', '/f', 0);
  expect(world.sys('unlink', '/f')).toBe(0);
  expect(world.readAll(fd)).toBe('still here');
  expect(world.files.get(fd).name).toBe('/f (deleted)');
});

test('a directory of the host is renamed with all that is in it', () => {
  using world = new World({ 'a/deep/f': 'content', 'b/x': '' });
  expect(world.content('/a/deep/f')).toBe('content');
  expect(world.sys('rename', '/a', '/b/moved')).toBe(0);
  expect(world.content('/a/deep/f')).toBe(-ENOENT);
  expect(world.content('/b/moved/deep/f')).toBe('content');
  expect(world.names('/')).toEqual(['b']);
  expect(world.sys('rename', '/b', '/b/moved/inside')).toBe(-EINVAL);
});

test('rename replaces what may be replaced', () => {
  using world = new World({ f: 'f', g: 'g', 'empty/': '', 'full/x': '' });
  expect(world.sys('rename', '/f', '/g')).toBe(0);
  expect(world.content('/g')).toBe('f');
  expect(world.sys('rename', '/g', '/full')).toBe(-EISDIR);
  expect(world.sys('rename', '/full', '/g')).toBe(-ENOTDIR);
  expect(world.sys('rename', '/empty', '/full')).toBe(-ENOTEMPTY);
  expect(world.sys('rename', '/full', '/empty')).toBe(0);
  expect(world.names('/')).toEqual(['empty', 'g']);
  expect(world.sys('renameat2', -100, '/g', -100, '/empty', 1)).toBe(-EEXIST);
  expect(world.sys('renameat2', -100, '/g', -100, '/empty', 2)).toBe(0);
  expect(world.content('/empty')).toBe('f');
  expect(world.names('/g')).toEqual(['x']);
});

test('hard links are one file', () => {
  using world = new World({ f: 'one' });
  expect(world.sys('link', '/f', '/g')).toBe(0);
  expect(world.stat('/g')).toMatchObject({ nlink: 2, ino: world.stat('/f').ino });
  world.write('/g', 'two', 1);
  expect(world.content('/f')).toBe('two');
  expect(world.sys('unlink', '/f')).toBe(0);
  expect(world.stat('/g').nlink).toBe(1);
});

test('a walk that was remembered is forgotten when a link on it changes', () => {
  using world = new World({ 'a/f': 'in a', 'b/f': 'in b', l: '-> a' });
  expect(world.content('/l/f')).toBe('in a');
  expect(world.sys('unlink', '/l')).toBe(0);
  expect(world.content('/l/f')).toBe(-ENOENT);
  expect(world.sys('symlink', 'b', '/l')).toBe(0);
  expect(world.content('/l/f')).toBe('in b');
  const buffer = world.user.reserve(16);
  expect(world.sys('readlink', '/l', buffer, 16)).toBe(1);
});

test('O_CREAT makes what a dangling link names, O_EXCL refuses it', () => {
  using world = new World({ l: '-> made' });
  expect(world.sys('open', '/l', 0o301, 0o644)).toBe(-EEXIST);
  expect(world.write('/l', 'text')).toBe(4);
  expect(world.content('/made')).toBe('text');
});

test('truncation and holes read as zeros', () => {
  using world = new World({ f: 'abcdef' });
  expect(world.sys('truncate', '/f', 3)).toBe(0);
  expect(world.sys('truncate', '/f', 6)).toBe(0);
  expect(world.content('/f')).toBe('abc\0\0\0');
  const fd = world.sys('open', '/f', 2);
  expect(world.sys('pwrite64', fd, 'end', 3, 10_000)).toBe(3);
  expect(world.stat('/f').size).toBe(10_003);
  expect(world.readAll(fd).slice(6)).toBe(`${'\0'.repeat(9994)}end`);
});
