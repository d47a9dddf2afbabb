/** Looking at the groups of a run from outside. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { CgroupHost } from '../../src/confine/cgroups/index.ts';
import { ownerOf } from '../../src/confine/cgroups/name.ts';

/** Paths of groups that a ring3 process made and that are still there, in the places where it makes them here. */
export function orphansOf(host: CgroupHost, pid: number): string[] {
  const parents = [
    ...host.v1.map(({ parent }) => parent),
    ...(host.v2?.places.map(({ path }) => path) ?? []),
  ];
  return parents.flatMap((parent) =>
    readdirSync(parent)
      .filter((name) => ownerOf(name)?.pid === pid)
      .map((name) => join(parent, name)),
  );
}

/**
 * Which share of a core is used, by a clock of CPU time in microseconds. From outside and between two looks, so that
 * what it took to start does not count. On a machine that has too much else to do nobody gets a share, so the best of
 * up to four times two seconds is taken, the first that is `enough`.
 */
export async function shareOf(used: () => number, enough: number): Promise<number> {
  await expect.poll(used, { timeout: 15_000 }).toBeGreaterThan(100_000);
  let best = 0;
  for (let round = 0; round < 4 && best < enough; round++) {
    const [usedBefore, before] = [used(), performance.now()];
    await sleep(2000);
    best = Math.max(best, (used() - usedBefore) / ((performance.now() - before) * 1000));
  }
  return best;
}

/** What a process has computed so far, in hundredths of a second: utime and stime of proc_pid_stat(5); 0 when it is gone. */
export function cpuTicks(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}
