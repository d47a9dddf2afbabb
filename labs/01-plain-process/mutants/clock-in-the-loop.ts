// loses: calibrate — the clock itself is measured, at each turn
import type { Clock } from '../exercise.ts';

export * from '../solution.ts';

export function calibrate(time: Clock, run: () => void, shortest: number): { count: number; each: number } {
  for (let count = 1; ; count *= 2) {
    let took = 0;
    for (let left = count; left > 0; left--) {
      const before = time();
      run();
      took += time() - before;
    }
    if (took >= shortest) return { count, each: took / count };
  }
}
