// loses: clock — the run has only begun when the clock is read again
import type { Clock, Row, Target } from '../exercise.ts';
import { WARM_UP, rowsOf } from '../solution.ts';

export * from '../solution.ts';

export async function measure(time: Clock, targets: Target[], rounds: number): Promise<Row[]> {
  const samples = targets.map(() => [] as number[]);
  for (let round = 0; round < WARM_UP + rounds; round++) {
    const order = round % 2 ? [...targets.keys()].reverse() : [...targets.keys()];
    for (const at of order) {
      const before = time();
      void targets[at]?.run();
      const took = time() - before;
      if (round >= WARM_UP) samples[at]?.push(took);
    }
  }
  return rowsOf(targets, samples);
}
