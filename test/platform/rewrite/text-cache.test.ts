import { expect, test } from 'vitest';
import { PAGE } from '../../../src/platform/memory-file.ts';
import { TextCache } from '../../../src/platform/rewrite/text-cache.ts';
import type { Text } from '../../../src/platform/rewrite/text.ts';
import { FakeMemoryFile } from '../../kernel/support/memory-file.ts';

const AT = 0x40_0000;

function setUp() {
  const memory = new FakeMemoryFile();
  const forgotten: Text[] = [];
  const watcher = { scarce: false, added: () => {}, removed: (text: Text) => void forgotten.push(text) };
  const cache = new TextCache(memory, watcher, 4 * PAGE);
  let filled = 0;
  const copy = (identity: string, pages: number, address = AT): number =>
    cache.copy(identity, address, pages * PAGE, (to) => {
      to.fill(++filled);
    })!;
  return { memory, forgotten, cache, copy, filled: () => filled };
}

test('a copy is found again by what it is of and where it lies', () => {
  const { cache, copy, filled } = setUp();
  const first = copy('a', 2);
  expect([copy('a', 2), filled()]).toEqual([first, 1]);
  expect(copy('a', 2, AT + PAGE)).not.toBe(first);
  const text = cache.at(first + PAGE + 5, AT + PAGE + 5)!;
  expect([text.address, text.bytes.length, text.bytes[0]]).toEqual([AT, 2 * PAGE, 1]);
  // Shown where it does not belong, it is not what was patched.
  expect(cache.at(first + PAGE + 5, AT + 5)).toBeUndefined();
});

test('copies that nobody shows are kept up to a bound, and those left longest ago go', () => {
  const { cache, copy, forgotten, memory, filled } = setUp();
  const used = memory.used;
  const [a, b] = [copy('a', 2), copy('b', 2)];
  cache.acquire(a + PAGE, PAGE);
  cache.release(a, 2 * PAGE);
  cache.release(b, 2 * PAGE);
  const textOfA = cache.at(a, AT);
  cache.release(a + PAGE, PAGE);
  expect([copy('b', 2), filled()]).toEqual([b, 2]);
  cache.release(b, 2 * PAGE);
  cache.release(copy('c', 1), PAGE);
  expect(forgotten).toEqual([textOfA]);
  expect(cache.at(a, AT)).toBeUndefined();
  copy('a', 2);
  expect(filled()).toBe(4);
  expect(cache.drop()).toBe(true);
  expect(memory.used - used).toBe(2 * PAGE);
  expect(cache.drop()).toBe(false);
});

test('a guest that maps text at ever new addresses does not make the cache grow', () => {
  const { cache, copy, forgotten, memory } = setUp();
  for (let times = 0; times < 1000; times++) cache.release(copy('a', 1, AT + times * PAGE), PAGE);
  expect([memory.used, forgotten.length]).toEqual([4 * PAGE, 996]);
});
