// loses: interleave — the obvious loop: all runs of the first target, then all of the second
import type { Clock, Row, Target } from '../exercise.ts';
import { WARM_UP, once, rowsOf } from '../solution.ts';

export * from '../solution.ts';

export async function measure(time: Clock, targets: Target[], rounds: number): Promise<Row[]> {
  const samples = targets.map(() => [] as number[]);
  for (const [at, target] of targets.entries()) {
    for (let run = 0; run < WARM_UP + rounds; run++) {
      const took = await once(time, target);
      if (run >= WARM_UP) samples[at]?.push(took);
    }
  }
  return rowsOf(targets, samples);
}
