// loses: spread — it is what the library offers, and one outlier rules it
import type { Clock, Row, Target } from '../exercise.ts';
import { rowsOf, sample } from '../solution.ts';

export * from '../solution.ts';

export async function measure(time: Clock, targets: Target[], rounds: number): Promise<Row[]> {
  const samples = await sample(time, targets, rounds);
  return rowsOf(targets, samples).map((row, at) => {
    const own = samples[at] as number[];
    const mean = own.reduce((sum, next) => sum + next, 0) / own.length;
    const squares = own.reduce((sum, next) => sum + (next - mean) ** 2, 0);
    return { ...row, spread: Math.sqrt(squares / own.length) };
  });
}
