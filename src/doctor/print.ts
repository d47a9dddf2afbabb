/** The report for people. A sign never stands without its word, and colour only repeats both. */
import pc from 'picocolors';
import { LABS, labRanges } from './labs.ts';
import type { Report } from './diagnose.ts';
import { GROUPS, type ProbeResult, type Verdict } from './result.ts';

type Colours = ReturnType<typeof pc.createColors>;

const SIGNS = { true: '✓ yes', false: '✗ no ', degraded: '~ less' } as const;

/** Only on a terminal, and not when NO_COLOR forbids it. */
export function wantsColour(): boolean {
  return process.stdout.isTTY === true && pc.isColorSupported;
}

/** Lines without an end of line. */
export function printReport(report: Report, colour = wantsColour()): string[] {
  const colours = pc.createColors(colour);
  const who = report.privileged ? 'with CAP_SYS_ADMIN' : 'as an ordinary user';
  const head = [colours.bold(`ring3 doctor: ${report.host}, ${who}`)];
  if (report.stop !== undefined) return [...head, '', ...report.stop.split('\n')];
  return [
    ...head,
    ...GROUPS.flatMap((group) => groupLines(group, report.probes, colours)),
    ...platformLines(report, colours),
    ...fixLines(report.probes, colours),
    ...report.notes.flatMap((note) => ['', `Note: ${note}`]),
    '',
    ...labLines(report),
  ];
}

function groupLines(group: string, results: readonly ProbeResult[], colours: Colours): string[] {
  const members = results.filter((result) => result.group === group);
  if (members.length === 0) return [];
  return ['', colours.bold(group), ...members.map((result) => probeLine(result, colours))];
}

function probeLine(result: ProbeResult, colours: Colours): string {
  const sign = paint(result.ok, colours)(SIGNS[`${result.ok}`].padEnd(6));
  const because = result.because === undefined ? '' : colours.dim(` (rests on ${result.because})`);
  return `  ${sign} ${result.id.padEnd(28)} ${result.seen}${because}`;
}

function platformLines({ platforms = [] }: Report, colours: Colours): string[] {
  if (platforms.length === 0) return [];
  const lines = platforms.map(({ name, ok, why = 'a guest ran on it' }) => {
    return `  ${paint(ok, colours)(SIGNS[`${ok}`].padEnd(6))} ${name.padEnd(28)} ${why}`;
  });
  return ['', colours.bold('platforms of the userspace kernel, the fastest first'), ...lines];
}

function paint(ok: Verdict, colours: Colours): (text: string) => string {
  if (ok === true) return colours.green;
  return ok === 'degraded' ? colours.yellow : colours.red;
}

/** Each fix once, with all the probes that it is for; what rests on another probe is mended with that. */
function fixLines(results: readonly ProbeResult[], colours: Colours): string[] {
  const failed = results.filter((result) => result.ok !== true && result.because === undefined);
  if (failed.length === 0) return [];
  const fixes = new Map<string, ProbeResult[]>();
  for (const result of failed) {
    const fix = result.fix ?? 'no remedy is known for this host';
    fixes.set(fix, [...(fixes.get(fix) ?? []), result]);
  }
  const lines = [...fixes].flatMap(([fix, members]) => [
    `  ${members.map(({ id }) => id).join(', ')} ${colours.dim(`(${usersOf(members)})`)}`,
    ...fix.split('\n').map((line) => `      ${line}`),
  ]);
  return ['', colours.bold('what is missing, and how to get it'), ...lines];
}

function usersOf(results: readonly ProbeResult[]): string {
  const last = Math.max(...LABS.map(({ number }) => number));
  const numbers = [...new Set(results.flatMap(({ neededBy }) => neededBy))].sort((a, b) => a - b);
  if (numbers.length === 0) return 'no lab needs it';
  const now = numbers.filter((number) => number <= last);
  return now.length > 0 ? `labs ${labRanges(now)}` : `later labs: ${labRanges(numbers)}`;
}

/** `Labs 01–05 can be worked; 06 needs cgroup.memory.` */
export function labLines({ labs, probes }: Pick<Report, 'labs' | 'probes'>): string[] {
  const ready = labs.filter(({ ok }) => ok).map(({ number }) => number);
  const first =
    ready.length === 0
      ? 'No lab can be worked on this host.'
      : `Lab${ready.length === 1 ? '' : 's'} ${labRanges(ready)} can be worked.`;
  const roots = (ids: string[]) => [
    ...new Set(ids.map((id) => probes.find((one) => one.id === id)?.because ?? id)),
  ];
  const others = labs
    .filter(({ ok }) => !ok)
    .map(
      ({ number, title, missing }) =>
        `Lab ${labRanges([number])} ${title} needs ${roots(missing).join(', ')}.`,
    );
  return [first, ...others];
}
