import { expect, test } from 'vitest';
import { ENOENT } from '../../../src/linux/errno.ts';
import { World } from './world.ts';

/** Asks for so many names that all that can be forgotten is. */
function flood(world: World): void {
  const path = world.user.reserve(64);
  const buffer = world.user.reserve(144);
  for (let index = 0; index < 120_000; index++) {
    world.user.writeBytes(path, Buffer.from(`/d/absent-${index}\0`));
    world.sys('stat', path, buffer);
  }
}

test('whatever is asked for, what the guest has done is not forgotten', () => {
  using world = new World({
    'd/kept': 'host',
    'd/gone': 'x',
    'd/changed': 'old',
    'd/moved': 'm',
    'd/open': 'o',
  });
  expect(world.content('/d/kept')).toBe('host');
  world.sys('unlink', '/d/gone');
  world.write('/d/changed', 'new');
  world.write('/d/made', 'made');
  world.sys('rename', '/d/moved', '/d/elsewhere');
  world.sys('chmod', '/d/kept', 0o700);
  const fd = world.sys('open', '/d/open', 0);
  flood(world);
  expect(world.files.get(fd).dentry!.parent!.children!.size).toBeLessThan(110_000);
  expect(world.content('/d/gone')).toBe(-ENOENT);
  expect(world.content('/d/moved')).toBe(-ENOENT);
  expect(world.content('/d/changed')).toBe('new');
  expect(world.content('/d/made')).toBe('made');
  expect(world.content('/d/elsewhere')).toBe('m');
  expect(world.stat('/d/kept').mode & 0o777).toBe(0o700);
  expect(world.readAll(fd)).toBe('o');
});
