/**
 * What ring3 has promised of itself, and whether a run holds it. All of it is relative to what was measured in the same
 * round: to plain, to bare C, to a peer.
 */
import { generator } from '../random.ts';
import { estimate, type Estimate } from '../statistics.ts';
import type { MicroResult } from './result.ts';
import { workloads } from './workloads.ts';

export interface Bound {
  workload: string;
  target: string;
  /** The target whose time counts as 1; without one `most` is in nanoseconds. */
  per?: string;
  most: number;
  /** The ring's time is taken off first: it is the machine's, and changes while it runs. */
  beyondRing?: boolean;
  /** The best round must hold it, and not the middle one. */
  best?: boolean;
  /** Where it applies, when not everywhere. */
  cores?: 'one' | 'several';
}

export interface Judgement {
  bound: Bound;
  value: Estimate;
  met: boolean;
  /** The interval lies on one side of the bound. */
  sure: boolean;
}

const rewriteAt = (workload: string, most: number): Bound => ({
  workload,
  target: 'rewrite',
  per: 'plain',
  most,
});
const besideC = (target: string): Bound => ({ workload: 'getppid', target, per: `c-${target}`, most: 1.3 });

const BOUNDS: readonly Bound[] = [
  { ...rewriteAt('getppid', 0.7), beyondRing: true, cores: 'several' },
  { ...rewriteAt('getppid', 1), best: true, cores: 'several' },
  { workload: 'getppid', target: 'rewrite', most: 8000, cores: 'one' },
  besideC('trap'),
  besideC('notify'),
  besideC('ptrace'),
  { ...rewriteAt('read', 1), beyondRing: true, cores: 'several' },
  rewriteAt('pread', 1.5),
  rewriteAt('open', 1.5),
  rewriteAt('stat', 1.5),
  rewriteAt('mmap', 4),
  rewriteAt('pipe', 3),
  rewriteAt('fork', 4),
  rewriteAt('exec', 2),
  ...workloads
    .filter(({ name }) => name !== 'empty')
    .map(({ name }) => ({ ...rewriteAt(name, 1), per: 'runsc-systrap' })),
];

/** Of every bound that the run has samples for. */
export function judge(result: MicroResult): Judgement[] {
  const cores = result.usableCores > 1 ? 'several' : 'one';
  return BOUNDS.filter((bound) => bound.cores === undefined || bound.cores === cores).flatMap((bound) => {
    const values = valuesOf(bound, result);
    if (values.length === 0) return [];
    return [judgement(bound, values, estimate(values, generator(result.seed)))];
  });
}

function judgement(bound: Bound, values: readonly number[], middle: Estimate): Judgement {
  const best = Math.min(...values);
  const value = bound.best ? { median: best, interval: { low: best, high: best } } : middle;
  const met = value.median <= bound.most;
  return {
    bound,
    value,
    met,
    sure: met ? value.interval.high <= bound.most : value.interval.low > bound.most,
  };
}

/** One a round, of those rounds that have all that it takes. */
function valuesOf({ workload, target, per, beyondRing }: Bound, result: MicroResult): number[] {
  const at = (name: string): Map<number, number> =>
    new Map(
      result.samples
        .filter((sample) => sample.workload === workload && sample.target === name)
        .map(({ round, ns }) => [round, ns]),
    );
  const rings = beyondRing ? at('ring') : undefined;
  const units = per === undefined ? undefined : at(per);
  return [...at(target)]
    .map(([round, ns]) => (ns - (rings ? rings.get(round)! : 0)) / (units ? units.get(round)! : 1))
    .filter((value) => Number.isFinite(value));
}
