// loses: median, spread, ratio — Array.prototype.sort without a comparison puts 1000 before 9
import type { Clock, Row, Target } from '../exercise.ts';
import { sample } from '../solution.ts';

export * from '../solution.ts';

function median(samples: number[]): number {
  const sorted = [...samples].sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}

export async function measure(time: Clock, targets: Target[], rounds: number): Promise<Row[]> {
  const samples = await sample(time, targets, rounds);
  return targets.map(({ name }, at) => {
    const own = samples[at] as number[];
    const center = median(own);
    const ratios = own.map((took, round) => took / (samples[0]?.[round] as number));
    return {
      target: name,
      median: center,
      spread: median(own.map((one) => Math.abs(one - center))),
      ratio: median(ratios),
    };
  });
}
