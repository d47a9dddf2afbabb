/** What the samples of a run say, workload by workload. */
import { generator } from '../random.ts';
import { estimate, ratios, type Estimate } from '../statistics.ts';
import type { MicroResult, MicroSample } from './result.ts';

export interface MicroCell {
  workload: string;
  target: string;
  count: number;
  /** Nanoseconds an operation. */
  ns: Estimate;
  fastest: number;
  /** To plain, round by round; undefined when no round has both. */
  ratio: Estimate | undefined;
}

/** Of every workload on every target that has samples, in the order of the result. */
export function summarizeMicro(result: MicroResult): MicroCell[] {
  return result.workloads.flatMap(({ name: workload }) =>
    result.targets.flatMap(({ name: target }) => {
      const samples = samplesOf(result, workload, target);
      return samples.length > 0 ? [cell(result, samples)] : [];
    }),
  );
}

function cell(result: MicroResult, samples: readonly MicroSample[]): MicroCell {
  const { workload, target } = samples[0]!;
  const times = samples.map(({ ns }) => ns);
  const plain = new Map(samplesOf(result, workload, 'plain').map(({ round, ns }) => [round, ns]));
  const both = samples.filter(({ round }) => plain.has(round));
  const each = ratios(
    both.map(({ ns }) => ns),
    both.map(({ round }) => plain.get(round)!),
  );
  return {
    workload,
    target,
    count: samples.length,
    ns: estimate(times, generator(result.seed)),
    fastest: Math.min(...times),
    ratio: each.length > 0 ? estimate(each, generator(result.seed)) : undefined,
  };
}

function samplesOf({ samples }: MicroResult, workload: string, target: string): MicroSample[] {
  return samples.filter((sample) => sample.workload === workload && sample.target === target);
}
