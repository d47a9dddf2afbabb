/** The report in five to eight lines, for `ring3 tour`. */
import pc from 'picocolors';
import type { Report } from './diagnose.ts';
import { labLines, wantsColour } from './print.ts';
import type { ProbeResult } from './result.ts';

const MOST_LINES = 8;
const WIDTH = 100;

const SUBJECTS: readonly (readonly [title: string, belongs: (result: ProbeResult) => boolean])[] = [
  ['namespaces and mounts', ({ group }) => group === 'namespaces' || group === 'file systems'],
  ['privileges and filters', ({ group }) => group === 'privileges' || group === 'system calls'],
  ['cgroups', ({ group }) => group === 'cgroups'],
  ['machine and tools', ({ group }) => ['machine', 'tools', 'memory', 'tasks'].includes(group)],
];

/** Five to eight lines; what no lab needs is left out. */
export function shortReport(report: Report, colour = wantsColour()): string[] {
  const { bold } = pc.createColors(colour);
  if (report.stop !== undefined) return report.stop.split('\n').slice(0, MOST_LINES);
  const subjects = SUBJECTS.map(([title, belongs]) => subjectLine(title, report.probes.filter(belongs)));
  const lines = [bold(report.host), ...subjects, ...labLines(report)];
  if (lines.length <= MOST_LINES) return lines.map(cut);
  return [...lines.slice(0, MOST_LINES - 1), 'See `ring3 doctor` for all of it.'].map(cut);
}

function subjectLine(title: string, results: readonly ProbeResult[]): string {
  const good = results.filter(({ ok }) => ok === true).length;
  const bad = results.filter(({ ok, neededBy }) => ok === false && neededBy.length > 0);
  const count = `${good} of ${results.length}`.padEnd(9);
  const verdict =
    bad.length > 0 ? `✗ no:  ${bad.map(({ id }) => id).join(', ')}` : '✓ all that the labs need';
  return `  ${title.padEnd(24)} ${count} ${verdict}`;
}

function cut(line: string): string {
  return line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line;
}
