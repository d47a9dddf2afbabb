/** Asking for rows, and what a row must say. */
import { z } from 'zod';
import { wrong, type Student } from 'ring3/grade';
import { near, type World } from './world.ts';

const rows = z.array(
  z.object({ target: z.string(), median: z.number(), spread: z.number(), ratio: z.number() }),
);
export type Rows = z.infer<typeof rows>;

export async function measured(student: Student, machine: World, count: number): Promise<Rows> {
  const found = await student.call('measure', [machine.clock, machine.targets, count], { returns: rows });
  const [wanted, got] = [machine.targets.map(({ name }) => name), found.map(({ target }) => target)];
  if (wanted.join() !== got.join()) {
    wrong({
      expected: `a row for each of ${wanted.join(', ')}`,
      seen: got.join(', ') || 'no row',
      read: 'README.md#rows',
    });
  }
  return found;
}

export function expectNumber(
  found: Rows,
  at: number,
  field: 'median' | 'spread' | 'ratio',
  value: number,
  samples: string,
): void {
  const seen = found[at]?.[field] ?? NaN;
  if (near(seen, value)) return;
  wrong({
    expected: `a ${field} of ${Number(value.toPrecision(8))} for ${samples}`,
    seen: `${Number(seen.toPrecision(8))}`,
    read: `README.md#${field}`,
  });
}
