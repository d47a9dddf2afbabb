/** A result as lines for a terminal, as wide as it is. */
import type { Result, TargetFacts } from './result.ts';
import type { Estimate } from './statistics.ts';
import { compare, summarize, type TargetSummary } from './summary.ts';

const NARROWEST_BAR = 8;
const WIDEST_BAR = 40;

export function resultTable(result: Result, width: number): string[] {
  const rows = summarize(result);
  if (rows.length === 0) return ['No sample was taken.', ...gapLines(result.targets)];
  return [
    ...headLines(result),
    '',
    ...barLines(rows, width),
    '',
    ...comparisonLines(result),
    ...gapLines(result.targets),
    ...failureLines(result),
  ];
}

function headLines({ machine, rounds, seed }: Result): string[] {
  const who = machine.privileged ? 'as root' : 'as an ordinary user';
  const cut = rounds.done < rounds.asked ? ` (of ${rounds.asked}, interrupted)` : '';
  return [
    `From spawn to exit of \`true\`, ${who}: ${rounds.done} rounds${cut} after ${rounds.warmUp} to warm up, seed ${seed}`,
    `${machine.host}, Linux ${machine.kernel.split(' ')[0]}, ${machine.cores} × ${machine.cpu}, load ${machine.load.toFixed(2)}`,
  ];
}

/** Columns: name, milliseconds with their interval, the middle half of the samples, the ratio with its interval, bar. */
function barLines(rows: readonly TargetSummary[], width: number): string[] {
  const names = Math.max(...rows.map(({ name }) => name.length), 'target'.length);
  const longest = Math.max(...rows.map(({ exit }) => exit.median));
  const most = Math.min(WIDEST_BAR, Math.max(NARROWEST_BAR, width - names - TEXT_WIDTH - 2));
  const line = ([name = '', ...cells]: readonly string[], bar: string): string =>
    [name.padEnd(names), ...cells.map((cell, at) => cell.padStart(WIDTHS[at]!)), bar].join('  ').trimEnd();
  const bar = ({ exit }: TargetSummary): string =>
    '#'.repeat(Math.max(1, Math.round((exit.median / longest) * most)));
  return [
    line(['target', 'ms', '95 %', 'half of them', '× plain', '95 %'], ''),
    ...rows.map((row) => line(cellsOf(row), bar(row))),
  ];
}

const WIDTHS = [6, 13, 13, 7, 11] as const;
const TEXT_WIDTH = WIDTHS.reduce((sum, cell) => sum + cell + 2, 0);

function cellsOf({ name, exit, quartiles, ratio }: TargetSummary): string[] {
  return [
    name,
    exit.median.toFixed(2),
    span(exit.interval),
    span(quartiles),
    ratio.median.toFixed(2),
    span(ratio.interval),
  ];
}

const span = ({ low, high }: { low: number; high: number }): string => `${low.toFixed(2)}–${high.toFixed(2)}`;

/** What the reader asks first: is it slower than what others use? */
function comparisonLines(result: Result): string[] {
  return ['bwrap', 'runc', 'unshare'].flatMap((peer) => {
    const found = compare(result, 'all', peer);
    return found ? [sentence(peer, found.ratio, found.verdict)] : [];
  });
}

function sentence(peer: string, ratio: Estimate, verdict: string): string {
  const times = `${ratio.median.toFixed(2)} × (95 %: ${span(ratio.interval)})`;
  if (verdict === 'less') return `all takes less time than ${peer}: ${times}.`;
  if (verdict === 'more') return `all takes more time than ${peer}: ${times}.`;
  return `all and ${peer} cannot be told apart here: ${times}.`;
}

/** Targets that are missing for one reason share a line. */
export function gapLines(targets: readonly Pick<TargetFacts, 'name' | 'gap'>[]): string[] {
  const reasons = new Map<string, string[]>();
  for (const { name, gap } of targets) {
    if (!gap) continue;
    const reason = gap.remedy ? `${gap.reason}; ${gap.remedy}` : gap.reason;
    reasons.set(reason, [...(reasons.get(reason) ?? []), name]);
  }
  return [...reasons].map(([reason, names]) => `no ${names.join(', ')}: ${reason}`);
}

function failureLines({ failures }: Result): string[] {
  const first = new Map(failures.map((failure) => [failure.target, failure]));
  return [...first].map(([target, { reason }]) => {
    const count = failures.filter((failure) => failure.target === target).length;
    return `${target} failed ${count} time${count === 1 ? '' : 's'}: ${reason}`;
  });
}
