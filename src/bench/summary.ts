/** What the samples of a run say, target by target. */
import { generator } from './random.ts';
import type { Result, Sample } from './result.ts';
import { estimate, quantile, ratios, verdict, type Estimate } from './statistics.ts';

export interface TargetSummary {
  name: string;
  count: number;
  failed: number;
  /** Milliseconds from spawn to exit. */
  exit: Estimate;
  /** Half of the samples lie between these. */
  quartiles: { low: number; high: number };
  fastest: number;
  /** To plain, round by round. */
  ratio: Estimate;
  /** Milliseconds that our helper needed from its first instruction to the exec. */
  exec: number;
}

export interface Comparison {
  ratio: Estimate;
  verdict: ReturnType<typeof verdict>;
  rounds: number;
}

/** Of every target that has samples, in the order of the result. */
export function summarize(result: Result): TargetSummary[] {
  return result.targets.flatMap(({ name }) => {
    const samples = samplesOf(result, name);
    return samples.length > 0 ? [summary(result, name, samples)] : [];
  });
}

function summary(result: Result, name: string, samples: readonly Sample[]): TargetSummary {
  const exits = samples.map(({ exit }) => exit);
  return {
    name,
    count: samples.length,
    failed: result.failures.filter(({ target }) => target === name).length,
    exit: estimate(exits, generator(result.seed)),
    quartiles: { low: quantile(exits, 0.25), high: quantile(exits, 0.75) },
    fastest: Math.min(...exits),
    ratio: compare(result, name, 'plain')?.ratio ?? { median: NaN, interval: { low: NaN, high: NaN } },
    exec: quantile(
      samples.map(({ exec }) => exec),
      0.5,
    ),
  };
}

/** How many times as long one target takes as another; undefined when no round has both. */
export function compare(result: Result, above: string, below: string): Comparison | undefined {
  const others = new Map(samplesOf(result, below).map(({ round, exit }) => [round, exit]));
  const pairs = samplesOf(result, above).filter(({ round }) => others.has(round));
  if (pairs.length === 0) return undefined;
  const each = ratios(
    pairs.map(({ exit }) => exit),
    pairs.map(({ round }) => others.get(round)!),
  );
  const ratio = estimate(each, generator(result.seed));
  return { ratio, verdict: verdict(ratio), rounds: pairs.length };
}

function samplesOf(result: Result, name: string): Sample[] {
  return result.samples.filter(({ target }) => target === name);
}
