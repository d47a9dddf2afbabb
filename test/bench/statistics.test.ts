import { expect, test } from 'vitest';
import { generator } from '../../src/bench/random.ts';
import { estimate, median, quantile, ratios, verdict } from '../../src/bench/statistics.ts';

/** Log-normal around a median of 1, as start-up times are: skewed, never negative (Box and Muller). */
function lognormal(random: () => number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.exp(sigma * normal);
}

const draw = (random: () => number, count: number, scale: number, sigma: number): number[] =>
  Array.from({ length: count }, () => scale * lognormal(random, sigma));

test('quantiles are those of R’s type 7', () => {
  const samples = [7, 1, 3, 5];
  expect(quantile(samples, 0)).toBe(1);
  expect(quantile(samples, 0.25)).toBe(2.5);
  expect(median(samples)).toBe(4);
  expect(quantile(samples, 1)).toBe(7);
  expect(samples).toEqual([7, 1, 3, 5]);
  expect(() => median([])).toThrow(RangeError);
});

test('ratios are taken round by round, so that a drift of the machine leaves them alone', () => {
  const plain = [1, 2, 4, 8];
  expect(ratios([3, 6, 12, 24], plain)).toEqual([3, 3, 3, 3]);
  expect(() => ratios([1], plain)).toThrow(RangeError);
});

test('the same samples and seed give the same interval', () => {
  const samples = draw(generator(1), 30, 5, 0.3);
  expect(estimate(samples, generator(7))).toEqual(estimate(samples, generator(7)));
});

test('an interval holds the true median in 93 to 97 of 100 trials', () => {
  const random = generator(20_240_607);
  const trials = 400;
  let held = 0;
  for (let trial = 0; trial < trials; trial++) {
    const { interval } = estimate(draw(random, 50, 5, 0.4), random);
    if (interval.low <= 5 && 5 <= interval.high) held++;
  }
  expect(held / trials).toBeGreaterThanOrEqual(0.93);
  expect(held / trials).toBeLessThanOrEqual(0.97);
});

test('two that differ by a fifth are told apart in spite of noise that both share', () => {
  const random = generator(3);
  const drift = draw(random, 60, 1, 0.5);
  const fast = drift.map((slow) => slow * lognormal(random, 0.1));
  const slow = drift.map((pace) => 1.2 * pace * lognormal(random, 0.1));
  const ratio = estimate(ratios(slow, fast), random);
  expect(ratio.interval.low).toBeLessThanOrEqual(1.2);
  expect(ratio.interval.high).toBeGreaterThanOrEqual(1.2);
  expect(verdict(ratio)).toBe('more');
  expect(verdict(estimate(ratios(fast, slow), random))).toBe('less');
});

test('two that are the same are called the same in at least 93 of 100 runs', () => {
  const random = generator(4);
  const runs = 200;
  let same = 0;
  for (let run = 0; run < runs; run++) {
    const ratio = estimate(ratios(draw(random, 40, 2, 0.3), draw(random, 40, 2, 0.3)), random);
    if (verdict(ratio) === 'cannot be told apart') same++;
  }
  expect(same / runs).toBeGreaterThanOrEqual(0.93);
});
