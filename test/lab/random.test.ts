import { expect, test } from 'vitest';
import { deriveSeed, random } from '../../src/lab/random.ts';

const draws = (seed: number) => {
  const { int, float, word, bytes, shuffle } = random(seed);
  return [int(1, 1000), float(), word(), [...bytes(8)], shuffle([1, 2, 3, 4, 5, 6])];
};

test('a seed repeats, another differs', () => {
  expect(draws(42)).toEqual(draws(42));
  expect(draws(42)).not.toEqual(draws(43));
  expect(deriveSeed(1, 'a')).toBe(deriveSeed(1, 'a'));
  expect(deriveSeed(1, 'a')).not.toBe(deriveSeed(1, 'b'));
});

test('both ends are drawn, and nothing outside', () => {
  const { int } = random(7);
  const seen = new Set(Array.from({ length: 1000 }, () => int(3, 6)));
  expect([...seen].sort()).toEqual([3, 4, 5, 6]);
});

test('draws spread evenly', () => {
  const { int } = random(1);
  const counts = Array.from({ length: 10 }, () => 0);
  for (let left = 20_000; left > 0; left--) counts[int(0, 9)]! += 1;
  // 2,000 each, standard deviation 42: six of them is once in a billion.
  for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(260);
});

test('nothing to pick from', () => {
  expect(() => random(1).pick([])).toThrow(RangeError);
});
