/**
 * The measurement. In every round each target is started once, in an order drawn anew: a machine that slows down for a
 * second slows all of them, and no target always runs in the wake of the same other one.
 */
import { describeMachine } from './machine.ts';
import { generator, shuffled } from './random.ts';
import { RESULT_VERSION, type Result, type TargetFacts } from './result.ts';
import { finish } from './start.ts';
import { START_LIMIT_MS } from './targets/planned.ts';
import type { Target } from './target.ts';

export interface BenchOptions {
  rounds: number;
  /** Rounds before those that count: caches fill, the helper's pages are read. */
  warmUp: number;
  seed: number;
  signal?: AbortSignal;
  onProgress?(done: number, total: number, what: string): void;
}

const COMMAND = ['true'];

/** Resolves with what there is when `signal` aborts. Never rejects for a target that fails: that is in the result. */
export async function bench(targets: readonly Target[], options: BenchOptions): Promise<Result> {
  const { rounds, warmUp, seed } = options;
  const result: Result = {
    ring3Bench: RESULT_VERSION,
    workload: 'start',
    command: COMMAND,
    began: new Date().toISOString(),
    seed,
    rounds: { asked: rounds, warmUp, done: 0 },
    machine: describeMachine(),
    targets: [],
    samples: [],
    failures: [],
  };
  try {
    const ready = await probeAll(targets, result, options);
    await measure(ready, result, options);
  } finally {
    for (const target of targets) await target.close?.();
  }
  return result;
}

async function probeAll(
  targets: readonly Target[],
  result: Result,
  options: BenchOptions,
): Promise<Target[]> {
  const ready: Target[] = [];
  for (const [index, target] of targets.entries()) {
    if (options.signal?.aborted) break;
    options.onProgress?.(index, targets.length, `looking at ${target.name}`);
    const { name, family, title } = target;
    const gap = await target.probe();
    const facts: TargetFacts = { name, family, title };
    if (gap) facts.gap = gap;
    else {
      facts.version = await target.version();
      ready.push(target);
    }
    result.targets.push(facts);
  }
  return ready;
}

async function measure(targets: readonly Target[], result: Result, options: BenchOptions): Promise<void> {
  const { rounds, warmUp, signal, onProgress } = options;
  const random = generator(options.seed);
  const total = (rounds + warmUp) * targets.length;
  let done = 0;
  for (let round = -warmUp; round < rounds; round++) {
    for (const target of shuffled(targets, random)) {
      if (signal?.aborted) return;
      await sample(target, round, result);
      onProgress?.(++done, total, round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`);
    }
    if (round >= 0) result.rounds.done++;
  }
}

async function sample(target: Target, round: number, result: Result): Promise<void> {
  try {
    const { times, timeline } = await finish(target.start(COMMAND), START_LIMIT_MS);
    const exec = timeline.reduce((sum, { microseconds }) => sum + microseconds, 0) / 1000;
    if (round >= 0) result.samples.push({ round, target: target.name, ...times, exec });
  } catch (error) {
    result.failures.push({ round, target: target.name, reason: (error as Error).message });
  }
}
