import { expect, test } from 'vitest';
import { Extents } from '../../src/platform/extents.ts';
import { PAGE, WINDOW } from '../../src/platform/memory-file.ts';
import { OutOfMemory } from '../../src/platform/out-of-memory.ts';
import { FakeBacking } from '../kernel/support/memory-file.ts';

/** Mulberry32: the seed repeats a failure. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

test.each([1, 2, 3])(
  'whatever is allocated and freed, nobody shares a page or finds old bytes (seed %i)',
  (seed) => {
    const next = random(seed);
    const backing = new FakeBacking();
    const extents = new Extents(backing);
    // The model: who has which page, and what was written to it.
    const owner = new Map<number, number>();
    const held: { offset: number; length: number; mark: number }[] = [];

    const word = (offset: number): Buffer =>
      backing.windows[Math.floor(offset / WINDOW)]!.subarray(offset % WINDOW);

    function allocate(mark: number): void {
      const pages = next(4) === 0 ? 1 + next(1500) : 1 + next(40);
      const kept = next(2) === 0 ? [] : [Math.floor(pages / 2) * PAGE, PAGE];
      const dirty = next(4) === 0;
      const offset = dirty ? extents.allocateDirty(pages * PAGE) : extents.allocate(pages * PAGE, kept);
      expect(Math.floor(offset / WINDOW)).toBe(Math.floor((offset + pages * PAGE - 1) / WINDOW));
      for (let page = 0; page < pages; page++) {
        const at = offset + page * PAGE;
        expect(owner.has(at)).toBe(false);
        owner.set(at, mark);
        if (!dirty && page * PAGE !== kept[0]) expect(word(at).readUInt32LE(0)).toBe(0);
        // Most pages of large extents stay untouched, as in a stack.
        if (pages < 100 || next(10) === 0 || page * PAGE === kept[0]) word(at).writeUInt32LE(mark, 0);
        else word(at).writeUInt32LE(0, 0);
      }
      held.push({ offset, length: pages * PAGE, mark });
    }

    function release(): void {
      const index = next(held.length);
      const whole = held[index]!;
      const { offset, length, mark } = whole;
      const pages = length / PAGE;
      const first = next(3) === 0 ? next(pages) : 0;
      const count = next(3) === 0 ? 1 + next(pages - first) : pages - first;
      for (let page = first; page < first + count; page++) {
        const at = offset + page * PAGE;
        const found = word(at).readUInt32LE(0);
        if (found !== 0 && found !== mark) throw new Error(`${at} of step ${mark} was written by ${found}`);
        owner.delete(at);
      }
      extents.free(offset + first * PAGE, count * PAGE);
      held.splice(index, 1);
      if (first > 0) held.push({ offset, length: first * PAGE, mark });
      const rest = pages - first - count;
      if (rest > 0) held.push({ offset: offset + (first + count) * PAGE, length: rest * PAGE, mark });
    }

    for (let step = 1; step <= 400; step++) {
      if (held.length === 0 || next(100) < 52) allocate(step);
      else release();
      expect(extents.used).toBe(owner.size * PAGE);
    }
    while (held.length > 0) release();
    expect(extents.used).toBe(0);
    // All neighbours have been joined again: a whole window is free.
    expect(extents.allocate(WINDOW) % WINDOW).toBe(0);
  },
);

test('a page that was freed is handed out again, and only then cleared', () => {
  const backing = new FakeBacking();
  const extents = new Extents(backing);
  const first = extents.allocate(PAGE);
  backing.windows[0]!.fill(7, first, first + PAGE);
  extents.free(first, PAGE);
  expect(extents.kept).toBe(PAGE);
  expect(extents.allocateDirty(PAGE)).toBe(first);
  expect(backing.windows[0]![first]).toBe(7);
  extents.free(first, PAGE);
  expect(extents.allocate(PAGE)).toBe(first);
  expect(backing.windows[0]![first]).toBe(0);
  expect(extents.kept).toBe(0);
});

test('the host gets back what exceeds 64 MiB', () => {
  const backing = new FakeBacking();
  const extents = new Extents(backing);
  const large = [0, 0, 0].map(() => extents.allocate(30 * 2 ** 20));
  for (const offset of large) backing.windows[0]!.fill(1, offset, offset + 30 * 2 ** 20);
  for (const offset of large) extents.free(offset, 30 * 2 ** 20);
  expect(extents.kept).toBe(60 * 2 ** 20);
  expect(backing.windows[0]![large[2]!]).toBe(0);
});

test('no more than the limit, and no more windows than there can be', () => {
  const small = new Extents(new FakeBacking(), 10 * PAGE);
  small.allocate(8 * PAGE);
  expect(() => small.allocate(3 * PAGE)).toThrow(OutOfMemory);
  expect(small.used).toBe(8 * PAGE);
  const full = new Extents(new FakeBacking(1));
  full.allocate(WINDOW);
  expect(() => full.allocate(PAGE)).toThrow(OutOfMemory);
});
