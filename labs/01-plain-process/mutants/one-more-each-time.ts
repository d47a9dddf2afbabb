// loses: calibrate — counting up by one takes thousands of rounds to find a thousand
import type { Clock } from '../exercise.ts';

export * from '../solution.ts';

export function calibrate(time: Clock, run: () => void, shortest: number): { count: number; each: number } {
  for (let count = 1; ; count++) {
    const before = time();
    for (let left = count; left > 0; left--) run();
    const took = time() - before;
    if (took >= shortest) return { count, each: took / count };
  }
}
