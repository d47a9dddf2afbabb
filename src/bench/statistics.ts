/**
 * What can be said of noisy samples. Medians, because a scheduler's delays are rare, large and only ever late; intervals
 * by resampling, because nothing is known of the distribution (Efron's percentile bootstrap).
 */

export interface Interval {
  low: number;
  high: number;
}

export interface Estimate {
  median: number;
  /** Holds the true median in 95 of 100 such measurements. */
  interval: Interval;
}

const RESAMPLES = 2000;
const LEVEL = 0.95;

/** Between the two nearest samples in proportion (type 7 of Hyndman and Fan, as R does it). */
export function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new RangeError('no samples, no quantile');
  return quantileOfSorted(Float64Array.from(samples).sort(), share);
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Of one target's value to another's in the same round: what slowed the machine for a while, slowed both. */
export function ratios(above: readonly number[], below: readonly number[]): number[] {
  if (above.length !== below.length) throw new RangeError('ratios need the same rounds of both');
  return above.map((value, round) => value / below[round]!);
}

/** @param random from 0 up to, not including, 1; seeded, so that the same samples give the same interval. */
export function estimate(samples: readonly number[], random: () => number): Estimate {
  const again = new Float64Array(samples.length);
  const medians = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    for (let at = 0; at < again.length; at++) again[at] = samples[Math.floor(random() * again.length)]!;
    medians[resample] = quantileOfSorted(again.sort(), 0.5);
  }
  medians.sort();
  const tail = (1 - LEVEL) / 2;
  return {
    median: median(samples),
    interval: { low: quantileOfSorted(medians, tail), high: quantileOfSorted(medians, 1 - tail) },
  };
}

/** What a ratio's interval allows to say: nothing, when 1 lies in it. */
export function verdict({ interval }: Estimate): 'less' | 'more' | 'cannot be told apart' {
  if (interval.high < 1) return 'less';
  return interval.low > 1 ? 'more' : 'cannot be told apart';
}

function quantileOfSorted(sorted: Float64Array, share: number): number {
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (at - low);
}
