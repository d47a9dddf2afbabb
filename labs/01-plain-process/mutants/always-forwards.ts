// loses: order — a machine that slows down is then always slower for the last target than for the first
import type { Clock, Row, Target } from '../exercise.ts';
import { WARM_UP, once, rowsOf } from '../solution.ts';

export * from '../solution.ts';

export async function measure(time: Clock, targets: Target[], rounds: number): Promise<Row[]> {
  const samples = targets.map(() => [] as number[]);
  for (let round = 0; round < WARM_UP + rounds; round++) {
    for (const [at, target] of targets.entries()) {
      const took = await once(time, target);
      if (round >= WARM_UP) samples[at]?.push(took);
    }
  }
  return rowsOf(targets, samples);
}
