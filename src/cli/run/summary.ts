/** How a command ended, in words and in JSON. */
import { constants } from 'node:os';
import type { TimelineEntry } from '../../confine/child.ts';
import type { Outcome } from '../../sandbox/run.ts';
import { mib, ms } from './units.ts';

/** The shell's convention: 128 and the signal's number (bash(1), EXIT STATUS). */
export function exitStatus({ code, signal }: Outcome, ended?: NodeJS.Signals): number {
  if (ended && signal) return 128 + constants.signals[ended];
  return code ?? 128 + constants.signals[signal!];
}

/** What ended the command, if it did not simply exit. */
export function ending(outcome: Outcome, timeout?: number, ended?: NodeJS.Signals): string | undefined {
  const { memory, pids } = outcome.stats;
  if (outcome.outOfMemory && memory) {
    const peak = memory.peak === undefined ? '' : `, peak ${mib(memory.peak)}`;
    const limit = memory.limit === undefined ? '' : ` (limit ${mib(memory.limit)}${peak})`;
    return `out of memory${limit}: give more with --memory`;
  }
  if (outcome.timedOut) return `timed out after ${timeout} s`;
  const refused = pids?.refused ? `; ${pids.refused} forks refused by --pids ${pids.limit}` : '';
  if (outcome.signal) return `ended by ${ended ?? outcome.signal}${refused}`;
  return refused ? refused.slice(2) : undefined;
}

/** The same step many times is one line. */
function byStep(timeline: readonly TimelineEntry[]): { step: string; count: number; microseconds: number }[] {
  const rows = new Map<string, { step: string; count: number; microseconds: number }>();
  for (const { step, microseconds } of timeline) {
    const row = rows.get(step) ?? { step, count: 0, microseconds: 0 };
    row.count++;
    row.microseconds += microseconds;
    rows.set(step, row);
  }
  return [...rows.values()];
}

function usedLines(outcome: Outcome): string[] {
  const { usage, stats } = outcome;
  const lines = [
    `wall ${outcome.wallMs.toFixed(1)} ms, user ${ms(usage.userMicroseconds)}, system ${ms(usage.systemMicroseconds)}`,
    `largest process ${mib(usage.maxRssKib * 1024)}`,
  ];
  if (stats.memory?.peak !== undefined) lines.push(`memory peak ${mib(stats.memory.peak)}`);
  if (stats.pids?.peak !== undefined) lines.push(`processes at once ${stats.pids.peak}`);
  if (stats.cpu?.throttledPeriods !== undefined) {
    lines.push(`throttled in ${stats.cpu.throttledPeriods} of ${stats.cpu.periods ?? 0} periods`);
  }
  return lines;
}

export function statsText(outcome: Outcome, timeline: readonly TimelineEntry[]): string {
  const rows = byStep(timeline);
  const total = rows.reduce((sum, { microseconds }) => sum + microseconds, 0);
  const lines = rows.map(
    ({ step, count, microseconds }) =>
      `  ${`${step}${count > 1 ? ` × ${count}` : ''}`.padEnd(24)}${(microseconds / 1000).toFixed(3).padStart(10)}`,
  );
  return ['used:', ...usedLines(outcome).map((line) => `  ${line}`), 'start, ms:', ...lines]
    .concat(`  ${'together'.padEnd(24)}${(total / 1000).toFixed(3).padStart(10)}`)
    .map((line) => `${line}\n`)
    .join('');
}

export function outcomeJson(
  outcome: Outcome,
  timeline: readonly TimelineEntry[],
  ended?: NodeJS.Signals,
): string {
  const { code, signal, outOfMemory, timedOut, wallMs, usage, stats } = outcome;
  const status = exitStatus(outcome, ended);
  return JSON.stringify({
    status,
    code,
    signal,
    outOfMemory,
    timedOut,
    wallMs,
    usage,
    stats,
    start: timeline,
  });
}
