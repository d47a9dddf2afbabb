// loses: failure — a run that failed at once looks like a very fast one
import type { Clock, Row, Target } from '../exercise.ts';
import { measure as right } from '../solution.ts';

export * from '../solution.ts';

export async function measure(time: Clock, targets: Target[], rounds: number): Promise<Row[]> {
  const calm = targets.map(({ name, run }) => ({
    name,
    run: async () => {
      try {
        await run();
      } catch {
        // Next time, perhaps.
      }
    },
  }));
  return right(time, calm, rounds);
}
