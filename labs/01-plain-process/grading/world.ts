/** A made-up machine: a clock that only runs take forward, and targets that take as long as they are told to. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal, sync, type Random } from 'ring3/grade';

export interface Event {
  kind: 'clock' | 'start' | 'end';
  target?: number;
}

/** How long run number `run` (from 0) of target number `target` takes, in nanoseconds. */
export type Duration = (target: number, run: number) => number;

export interface World {
  clock: () => number;
  targets: { name: string; run: () => unknown }[];
  log: Event[];
}

export const names = (random: Random, count: number) =>
  Array.from({ length: count }, (_, at) => `${random.word(6)}-${at}`);

/** Runs take time in an instant: it has passed when `run` is called, awaited or not. */
export function world(targets: string[], duration: Duration): World {
  let now = 1_000_000;
  const log: Event[] = [];
  const runs = targets.map(() => 0);
  const run = (target: number) => () => {
    log.push({ kind: 'start', target });
    now += duration(target, runs[target] as number);
    runs[target] = (runs[target] as number) + 1;
    log.push({ kind: 'end', target });
  };
  return {
    clock: sync(() => {
      log.push({ kind: 'clock' });
      return now;
    }),
    targets: targets.map((name, at) => ({ name, run: run(at) })),
    log,
  };
}

interface Slow {
  /** What a reading of the clock takes, in nanoseconds. */
  reading?: number;
  /** The run that does not come to its end. */
  failing?: { target: number; run: number };
}

/** Runs take time while they are waited for, as real ones do. */
export function slowWorld(targets: string[], duration: Duration, { reading = 0, failing }: Slow): World {
  let now = 1_000_000;
  const log: Event[] = [];
  const runs = targets.map(() => 0);
  const run = (target: number) => async () => {
    const number = (runs[target] as number)++;
    log.push({ kind: 'start', target });
    await sleep(1);
    if (failing?.target === target && failing.run === number)
      throw new Refusal('EIO', 'exited with status 1');
    now += duration(target, number);
    log.push({ kind: 'end', target });
  };
  return {
    clock: sync(() => {
      log.push({ kind: 'clock' });
      now += reading;
      return now - reading;
    }),
    targets: targets.map((name, at) => ({ name, run: run(at) })),
    log,
  };
}

/** The targets in the order in which they were started. */
export function startOrder(log: Event[]): number[] {
  return log.flatMap(({ kind, target }) => (kind === 'start' && target !== undefined ? [target] : []));
}

/** As the solution computes them; the grader's own, so that it does not grade the solution by itself. */
export function medianOf(samples: number[]): number {
  const sorted = Float64Array.from(samples).sort();
  const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.ceil((sorted.length - 1) / 2)];
  return ((sorted[low] as number) + (sorted[high] as number)) / 2;
}

export const meanOf = (samples: number[]) => samples.reduce((sum, next) => sum + next, 0) / samples.length;

/** The order of Array.prototype.sort without a comparison: that of their texts. */
const textSorted = (samples: number[]) => samples.map(String).sort().map(Number);

/** What else one might take for the median. */
export function otherMedians(samples: number[]): number[] {
  const [sorted, texts] = [Float64Array.from(samples).sort(), textSorted(samples)];
  const [low, high] = [Math.floor((samples.length - 1) / 2), Math.ceil((samples.length - 1) / 2)];
  const byText = ((texts[low] as number) + (texts[high] as number)) / 2;
  const ofEven = low === high ? [] : [sorted[low] as number, sorted[high] as number];
  return [meanOf(samples), byText, samples[low] as number, ...ofEven];
}

export function spreadOf(samples: number[]): number {
  const center = medianOf(samples);
  return medianOf(samples.map((one) => Math.abs(one - center)));
}

function textSpread(samples: number[]): number {
  const center = textSorted(samples)[samples.length >> 1] as number;
  return textSorted(samples.map((one) => Math.abs(one - center)))[samples.length >> 1] as number;
}

/** What else one might take for the spread. */
export function otherSpreads(samples: number[]): number[] {
  const [center, mean] = [medianOf(samples), meanOf(samples)];
  const sorted = Float64Array.from(samples).sort();
  const variance = meanOf(samples.map((one) => (one - mean) ** 2));
  return [
    Math.sqrt(variance),
    Math.sqrt((variance * samples.length) / (samples.length - 1)),
    meanOf(samples.map((one) => Math.abs(one - center))),
    medianOf(samples.map((one) => Math.abs(one - mean))),
    meanOf(samples.map((one) => Math.abs(one - mean))),
    textSpread(samples),
    (sorted.at(-1) as number) - (sorted[0] as number),
    (sorted[Math.floor((3 * samples.length) / 4)] as number) -
      (sorted[Math.floor(samples.length / 4)] as number),
  ];
}

export const near = (one: number, other: number) =>
  Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(other));

/** Further apart than any rounding. */
export const apart = (one: number, other: number) => Math.abs(one - other) > 0.05 * Math.abs(other);

/** Draws until the values tell right from wrong. */
export function draw<T>(make: () => T, telling: (value: T) => boolean): T {
  for (let tries = 0; tries < 10_000; tries++) {
    const value = make();
    if (telling(value)) return value;
  }
  throw new Error('10,000 draws told nothing');
}
