/**
 * Randomness that a seed repeats. Graders draw fresh values from it, so that an answer cannot be known beforehand
 * and a failure can still be shown again.
 */
import { createHash, randomInt } from 'node:crypto';

export interface Random {
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  /** From 0 up to, not including, 1. */
  float(): number;
  pick<T>(items: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
  bytes(length: number): Uint8Array;
  /** Lower-case letters, a pronounceable name that is unlikely to be anything else's. */
  word(length?: number): string;
  chance(probability: number): boolean;
}

export function freshSeed(): number {
  return randomInt(0x1_0000_0000);
}

/** 32 bits that depend on both, so that a task's values do not change when another task draws more. */
export function deriveSeed(seed: number, name: string): number {
  return createHash('sha256').update(`${seed}:${name}`).digest().readUInt32LE(0);
}

/** The sfc32 generator (Chris Doty-Humphrey, PractRand): four words of state, good enough to draw test values. */
function generator(seed: number): () => number {
  let [a, b, c, counter] = [seed | 0, 0x9e37_79b9 | 0, 0x243f_6a88 | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let warm = 0; warm < 12; warm++) next();
  return next;
}

export function random(seed: number): Random {
  const next = generator(seed);
  const float = () => next() / 0x1_0000_0000;
  const int = (low: number, high: number) => low + Math.floor(float() * (high - low + 1));
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return items[int(0, items.length - 1)] as T;
  };
  const shuffle = <T>(items: readonly T[]): T[] => {
    const out = [...items];
    for (let last = out.length - 1; last > 0; last--) {
      const other = int(0, last);
      [out[last], out[other]] = [out[other] as T, out[last] as T];
    }
    return out;
  };
  const word = (length = 8) =>
    Array.from({ length }, (_, at) => pick([...(at % 2 ? 'aeiou' : 'bdfgklmnprstvz')])).join('');
  const bytes = (length: number) => Uint8Array.from({ length }, () => int(0, 255));
  return { int, float, pick, shuffle, bytes, word, chance: (probability) => float() < probability };
}
