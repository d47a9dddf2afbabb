/** A sandbox that waits costs nothing, and a guest that never calls can be reached. Bounds are wide: tests run side by side. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { PlatformName } from '../../src/platform/platform.ts';
import { program } from '../support/programs.ts';

const MAIN = fileURLToPath(new URL('../../dist/bundle/main.js', import.meta.url));
const PLATFORMS: readonly PlatformName[] = ['rewrite', 'trap', 'notify', 'ptrace'];

function ring3(platform: PlatformName, ...command: string[]) {
  return spawn(process.execPath, [MAIN, 'run', '--platform', platform, '--', ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Milliseconds on a core, of all threads (Documentation/scheduler/sched-stats.rst, schedstat). */
function cpuTime(pid: number): number {
  const times = readdirSync(`/proc/${pid}/task`).map((tid) =>
    Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'latin1').split(' ')[0]),
  );
  return times.reduce((sum, time) => sum + time, 0) / 1e6;
}

test.each(PLATFORMS)(
  'while the guest sleeps, the sandbox does too (%s)',
  { timeout: 60_000 },
  async (platform) => {
    const run = ring3(platform, 'sleep', '60');
    try {
      await wait(2500);
      const before = cpuTime(run.pid!);
      await wait(3000);
      // Under 1 % of a core.
      expect(cpuTime(run.pid!) - before).toBeLessThan(30);
    } finally {
      run.kill('SIGKILL');
    }
  },
);

test.each(PLATFORMS)(
  'a guest that computes is interrupted and killed at once (%s)',
  { timeout: 60_000 },
  async (platform) => {
    const run = ring3(platform, program('interrupt'), '9');
    let output = '';
    for await (const chunk of run.stdout) output += String(chunk);
    const rounds = output
      .trim()
      .split('\n')
      .map((line) => line.split(' ').map(Number));
    expect(rounds).toHaveLength(9);
    const median = (column: number): number =>
      rounds.map((times) => times[column]!).sort((a, b) => a - b)[4]!;
    // 5 ms on a machine that has nothing else to do.
    expect(median(0)).toBeLessThan(20_000);
    expect(median(1)).toBeLessThan(20_000);
  },
);
