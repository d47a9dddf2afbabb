/** What a group used and ran into. Read while it still exists: `beforeCleanup` of spawn is the last moment. */
import type { CgroupHost } from './host.ts';
import { locate } from './group.ts';
import { v1Stats } from './v1.ts';
import { v2Stats } from './v2.ts';
import { thisMachine, type View } from './view.ts';

/** A part is absent when no group of that controller was made, a figure when this kernel does not count it. */
export interface CgroupStats {
  memory?: {
    /** Bytes, as `peak` (since 5.19 on v2) and `limit` (absent: none). */
    current: number;
    peak?: number;
    limit?: number;
    /** How often the group ran into its limit. v1 with swap limited too: seen not to be counted on 6.18. */
    limitHits: number;
    /** Processes of it that the OOM killer killed, for whichever limit. */
    oomKills?: number;
  };
  pids?: {
    current: number;
    peak?: number;
    limit?: number;
    /** Forks that the limit refused. */
    refused: number;
  };
  cpu?: {
    usageMicroseconds?: number;
    /** Periods of the quota, and those in which it ran out; how long processes then had to wait, added up. */
    periods?: number;
    throttledPeriods?: number;
    throttledMicroseconds?: number;
  };
}

export function readStats(host: CgroupHost, name: string, view: View = thisMachine): CgroupStats {
  const group = locate(host, name, view);
  const stats: CgroupStats = group.v2 === undefined ? {} : v2Stats(view, group.v2);
  for (const folder of group.v1) {
    const { cpu, ...rest } = v1Stats(view, folder);
    Object.assign(stats, rest);
    // On v1, time used and time throttled come from two controllers, which may be two hierarchies.
    if (cpu) stats.cpu = { ...stats.cpu, ...cpu };
  }
  return stats;
}

/**
 * Whether the OOM killer killed a process of the group. Kernels before 4.13 do not count that on v1: a group that ran
 * into its limit, and whose command was killed, is then believed to have died of it.
 */
export function wasOomKilled(stats: CgroupStats, exit: { signal: string | null }): boolean {
  const { memory } = stats;
  if (!memory) return false;
  if (memory.oomKills !== undefined) return memory.oomKills > 0;
  return memory.limitHits > 0 && exit.signal === 'SIGKILL';
}
