/** What was measured, beside what was guessed. */
import pc from 'picocolors';
import type { Manifest } from '../manifest.ts';
import type { MeasuredRow } from '../progress.ts';

/** Four significant digits, and a unit that keeps the number short. */
export function quantity(value: number, unit: string): string {
  const scales = { ns: ['ns', 'µs', 'ms', 's'] } as Record<string, string[]>;
  const steps = scales[unit] ?? [unit];
  let at = 0;
  for (; value >= 1000 && at < steps.length - 1; at++) value /= 1000;
  return `${Number(value.toPrecision(4)).toLocaleString('en-US')} ${steps[at]}`;
}

/** The row and number that the lab's question is about. */
export function answerOf(guess: NonNullable<Manifest['guess']>, rows: MeasuredRow[]): number | undefined {
  const row = guess.row ? rows.find(({ target }) => target === guess.row) : rows.at(-1);
  return row?.[guess.field];
}

const cell = (text: string) => text.padStart(12);

export function measurementText(manifest: Manifest, rows: MeasuredRow[], guess?: number): string {
  const width = Math.max(6, ...rows.map(({ target }) => target.length));
  const lines = [
    pc.bold(`${'target'.padEnd(width)} ${cell('median')} ${cell('spread')} ${cell('ratio')}`),
    ...rows.map(({ target, median, spread, ratio, unit }) =>
      [
        target.padEnd(width),
        cell(quantity(median, unit)),
        cell(quantity(spread, unit)),
        cell(`× ${Number(ratio.toPrecision(3))}`),
      ].join(' '),
    ),
  ];
  const answer = manifest.guess && answerOf(manifest.guess, rows);
  if (manifest.guess && answer !== undefined && guess !== undefined) {
    const times =
      guess > 0 && answer > 0
        ? ` (off by a factor of ${Math.max(guess / answer, answer / guess).toFixed(1)})`
        : '';
    lines.push('', `${manifest.guess.question}`);
    lines.push(
      `  you guessed ${guess} ${manifest.guess.unit}, measured ${Number(answer.toPrecision(3))} ${manifest.guess.unit}${times}`,
    );
  }
  return lines.join('\n');
}
