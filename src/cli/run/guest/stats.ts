/** `--stats`: what a guest called, what its start took, and the same as JSON. */
import { callCounts, type CallCount } from '../../../kernel/statistics.ts';
import { signalName } from '../../../linux/signals.ts';
import type { Lap } from '../../../sandbox/guest/stopwatch.ts';
import { mib } from '../units.ts';
import { exitStatus, outOfMemory, type GuestOutcome } from './summary.ts';

const sum = (rows: readonly CallCount[], of: 'count' | 'patched' | 'time'): number =>
  rows.reduce((total, row) => total + row[of], 0);

function calls({ guest }: GuestOutcome): CallCount[] {
  const { statistics, table } = guest.kernel;
  return statistics ? callCounts(statistics, table.names) : [];
}

/** `97.3 %` of calls that came without the host. */
function share(patched: number, count: number): string {
  return count === 0 ? '-' : `${((100 * patched) / count).toFixed(1)} %`;
}

function callLine(name: string, count: number, time: number, patched: number): string {
  const each = count === 0 ? 0 : (time * 1000) / count;
  return `  ${name.padEnd(24)}${String(count).padStart(9)}${time.toFixed(3).padStart(11)}${each.toFixed(1).padStart(9)}${share(patched, count).padStart(10)}`;
}

function callLines(rows: readonly CallCount[]): string[] {
  const head = `  ${'call'.padEnd(24)}${'count'.padStart(9)}${'ms'.padStart(11)}${'µs each'.padStart(9)}${'patched'.padStart(10)}`;
  return [
    'system calls, time in the kernel:',
    head,
    ...rows.map(({ name, count, time, patched }) => callLine(name, count, time, patched)),
    callLine('together', sum(rows, 'count'), sum(rows, 'time'), sum(rows, 'patched')),
  ];
}

function startLines(laps: readonly Lap[]): string[] {
  const lines = laps.map(
    ({ step, microseconds }) => `  ${step.padEnd(24)}${(microseconds / 1000).toFixed(3).padStart(10)}`,
  );
  return ['start, ms:', ...lines];
}

export function statsText(outcome: GuestOutcome): string {
  const { guest, spec, wallMs } = outcome;
  const peak = guest.memoryPeak?.peak ?? 0;
  const lines = [
    'used:',
    `  platform ${spec.platform}, wall ${wallMs.toFixed(1)} ms`,
    `  memory peak ${mib(peak)}`,
    ...callLines(calls(outcome)),
    ...startLines(guest.start),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

export function outcomeJson(outcome: GuestOutcome): string {
  const { guest, spec, status, wallMs } = outcome;
  const signal = status & 0x7f;
  const rows = calls(outcome);
  return JSON.stringify({
    status: exitStatus(status),
    code: signal ? null : (status >> 8) & 0xff,
    signal: signal ? (signalName(signal) ?? signal) : null,
    outOfMemory: outOfMemory(outcome),
    timedOut: guest.timedOut,
    wallMs,
    platform: spec.platform,
    memory: { limit: spec.memory, peak: guest.memoryPeak?.peak },
    ...(rows.length > 0 && {
      calls: rows,
      patchedShare: sum(rows, 'patched') / Math.max(1, sum(rows, 'count')),
    }),
    start: guest.start,
  });
}
