import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileSystemContext } from '../../../src/kernel/files/context.ts';
import { standardTree } from '../../../src/kernel/files/standard-tree.ts';
import { FAMILIES, World } from './world.ts';

/** Repeatable numbers (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const PARTS = 'a b c d l loop up .. . tmp mnt dev null zero x y fifo shm'
  .split(' ')
  .concat('', 'q'.repeat(256));
const OPEN_FLAGS = [0, 1, 2, 0o101, 0o102, 0o1102, 0o2101, 0o10000000, 0o200000, 0o20200002];

class Fuzzer {
  readonly #random: (below: number) => number;
  readonly #world: World;
  readonly #paths: number[];
  readonly #data: number;

  constructor(world: World, seed: number) {
    this.#random = generator(seed);
    this.#world = world;
    this.#paths = Array.from({ length: 24 }, () => world.user.reserve(2048));
    this.#data = world.user.reserve(70_000);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random(list.length)]!;
  }

  #path(): number {
    const parts = Array.from({ length: this.#random(5) }, () => this.#pick(PARTS));
    const text = (this.#random(4) ? '/' : '') + parts.join('/') + (this.#random(8) ? '' : '/');
    const at = this.#pick(this.#paths);
    this.#world.user.writeBytes(at, Buffer.from(`${text}\0`));
    return at;
  }

  #number(): number {
    const any = [-1, -100, 0, this.#data, this.#random(40), this.#random(70_000), this.#random(2 ** 31)];
    const power = 2 ** this.#random(64);
    return this.#pick([...any, power, -power]);
  }

  /** A call by name with arguments that are now and then what it wants. */
  next(): [name: string, args: number[]] {
    const name = this.#pick(Object.keys(FAMILIES));
    const args = Array.from({ length: 6 }, () =>
      this.#pick([this.#path(), this.#random(30), this.#number()]),
    );
    if (this.#random(2)) {
      if (/at2?$|statx/.test(name))
        [args[0], args[1]] = [this.#random(3) ? -100 : this.#random(30), this.#path()];
      else [args[0], args[1], args[2]] = [this.#random(30), this.#data, this.#random(60_000)];
    }
    if (name.startsWith('open')) args[name === 'open' ? 1 : 2] = this.#pick(OPEN_FLAGS);
    return [name, args];
  }
}

test.each([1, 2])('whatever is called, an answer comes and nothing is thrown (seed %i)', (seed) => {
  using world = new World({
    'a/b/c': 'x',
    'a/d': 'x'.repeat(200_000),
    l: '-> a/b',
    loop: '-> loop',
    up: '-> ../..',
  });
  const shared = mkdtempSync(join(tmpdir(), 'ring3-fuzz-'));
  const binds = [{ source: shared, target: '/mnt', readOnly: false }];
  const { root } = standardTree({ memory: world.pages, root: world.host, binds });
  Object.assign(world, { fs: new FileSystemContext(root) });
  const fuzzer = new Fuzzer(world, seed);
  for (let count = 0; count < 20_000; count++) {
    const [name, args] = fuzzer.next();
    const result = world.call(FAMILIES, name, ...args);
    if (typeof result === 'number') expect(Number.isInteger(result) && result >= -4095, name).toBe(true);
    else world.interrupt();
    if (count % 2000 === 0) for (let fd = 25; fd < 1024; fd++) world.files.close(fd);
  }
  world.files.release();
  rmSync(shared, { recursive: true });
});
