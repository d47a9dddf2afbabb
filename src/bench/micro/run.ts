/**
 * The measurement. A round takes every workload in turn, and for each one sample of every target, in an order drawn anew:
 * the samples that are compared lie within a second of each other. Rounds below 0 warm up, and find out how many operations
 * of a workload a target does in the time that a sample should take.
 */
import { availableParallelism } from 'node:os';
import { describeMachine } from '../machine.ts';
import { generator, shuffled } from '../random.ts';
import type { BenchOptions } from '../run.ts';
import { read } from './guest.ts';
import { MICRO_VERSION, type MicroResult, type MicroTargetFacts } from './result.ts';
import type { MicroTarget } from './target.ts';
import type { Workload } from './workloads.ts';

export interface MicroOptions extends BenchOptions {
  /** Milliseconds. */
  sampleMs: number;
}

const MOST = 10_000_000;
/** Of the operations that are timed, so many are done before: a kernel in JavaScript must have been compiled. */
const WARM_SHARE = 0.5;

/** One workload on one target. */
interface Pair {
  workload: Workload;
  target: MicroTarget;
  count: number;
  /** It failed in the warm-up: it will not be tried again. */
  out: boolean;
}

/** Resolves with what there is when `signal` aborts. Never rejects for a target that fails: that is in the result. */
export async function microBench(
  workloads: readonly Workload[],
  targets: readonly MicroTarget[],
  options: MicroOptions,
): Promise<MicroResult> {
  const result = emptyResult(workloads, options);
  try {
    const ready = await probeAll(targets, result, options);
    await measure(pairsOf(workloads, ready), result, options);
  } finally {
    for (const target of targets) await target.close?.();
  }
  return result;
}

function emptyResult(workloads: readonly Workload[], options: MicroOptions): MicroResult {
  const { rounds, warmUp, seed, sampleMs } = options;
  return {
    ring3Micro: MICRO_VERSION,
    began: new Date().toISOString(),
    seed,
    rounds: { asked: rounds, warmUp, done: 0 },
    sampleMs,
    usableCores: availableParallelism(),
    machine: describeMachine(),
    workloads: workloads.map(({ name, title }) => ({ name, title })),
    targets: [],
    samples: [],
    failures: [],
  };
}

async function probeAll(
  targets: readonly MicroTarget[],
  result: MicroResult,
  { signal, onProgress }: MicroOptions,
): Promise<MicroTarget[]> {
  const ready: MicroTarget[] = [];
  for (const [index, target] of targets.entries()) {
    if (signal?.aborted) break;
    onProgress?.(index, targets.length, `looking at ${target.name}`);
    const { name, family, title } = target;
    const gap = await target.probe();
    const facts: MicroTargetFacts = { name, family, title };
    if (gap) facts.gap = gap;
    else {
      facts.version = await target.version();
      ready.push(target);
    }
    result.targets.push(facts);
  }
  return ready;
}

/** By workload. */
function pairsOf(workloads: readonly Workload[], targets: readonly MicroTarget[]): Pair[][] {
  return workloads.map((workload) =>
    targets
      .filter((target) => target.workloads?.includes(workload.name) ?? true)
      .map((target) => ({ workload, target, count: workload.first, out: false })),
  );
}

async function measure(groups: Pair[][], result: MicroResult, options: MicroOptions): Promise<void> {
  const { rounds, warmUp, signal, onProgress } = options;
  const random = generator(options.seed);
  const total = (rounds + warmUp) * groups.reduce((sum, pairs) => sum + pairs.length, 0);
  let done = 0;
  for (let round = -warmUp; round < rounds; round++) {
    const what = round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`;
    for (const pair of groups.flatMap((pairs) => shuffled(pairs, random))) {
      if (signal?.aborted) return;
      onProgress?.(done++, total, `${what}: ${pair.workload.name}, ${pair.target.name}`);
      if (!pair.out) await sample(pair, round, result);
    }
    if (round >= 0) result.rounds.done++;
  }
}

async function sample(pair: Pair, round: number, result: MicroResult): Promise<void> {
  const names = { round, workload: pair.workload.name, target: pair.target.name };
  try {
    const warmUp = Math.ceil(pair.count * WARM_SHARE);
    const { ns, count } = await read(pair.target.command(pair.workload.name, pair.count, warmUp));
    if (round >= 0) result.samples.push({ ...names, ns, count });
    else pair.count = Math.min(MOST, Math.max(1, Math.round((result.sampleMs * 1e6) / ns)));
  } catch (error) {
    result.failures.push({ ...names, reason: (error as Error).message });
    if (round < 0) pair.out = true;
  }
}
