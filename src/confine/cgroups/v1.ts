/** The files of v1 groups: one directory a hierarchy (kernel: admin-guide/cgroup-v1). */
import type { V1Hierarchy } from './host.ts';
import type { Limits, Write } from './limits.ts';
import type { CgroupStats } from './stats.ts';
import { count, firstNumber, keyed, limitOf } from './values.ts';
import type { View } from './view.ts';

/** Microseconds in which a quota is spent and renewed. */
const PERIOD = 100_000;

export function v1Writes(hierarchy: V1Hierarchy, limits: Limits): Write[] {
  const writes: Write[] = [];
  const has = (controller: string) => hierarchy.controllers.includes(controller);
  if (has('memory') && limits.memory !== undefined) {
    const value = String(limits.memory);
    writes.push({ file: 'memory.limit_in_bytes', value });
    // Memory and swap together: as much as memory alone, so no swap. After it, because it may not be the smaller one.
    if (hierarchy.swap) writes.push({ file: 'memory.memsw.limit_in_bytes', value });
  }
  if (has('pids') && limits.pids !== undefined) {
    writes.push({ file: 'pids.max', value: String(limits.pids) });
  }
  if (has('cpu') && limits.cpus !== undefined) {
    writes.push({ file: 'cpu.cfs_period_us', value: String(PERIOD) });
    writes.push({ file: 'cpu.cfs_quota_us', value: String(Math.round(limits.cpus * PERIOD)) });
  }
  return writes;
}

/** What a group of one hierarchy has counted. */
export function v1Stats(view: View, folder: string): CgroupStats {
  const read = (file: string) => view.read(`${folder}/${file}`);
  const stats: CgroupStats = {};

  const memory = firstNumber(read('memory.usage_in_bytes'));
  if (memory !== undefined) {
    const oom = keyed(read('memory.oom_control'));
    stats.memory = {
      current: memory,
      ...count('peak', firstNumber(read('memory.max_usage_in_bytes'))),
      ...count('limit', limitOf(read('memory.limit_in_bytes'))),
      // With equal limits it is that of memory and swap together that is met first.
      limitHits:
        (firstNumber(read('memory.failcnt')) ?? 0) + (firstNumber(read('memory.memsw.failcnt')) ?? 0),
      ...count('oomKills', oom.oom_kill),
    };
  }
  const pids = firstNumber(read('pids.current'));
  if (pids !== undefined) {
    stats.pids = {
      current: pids,
      ...count('peak', firstNumber(read('pids.peak'))),
      ...count('limit', limitOf(read('pids.max'))),
      refused: keyed(read('pids.events')).max ?? 0,
    };
  }
  const cpu = keyed(read('cpu.stat'));
  const nanoseconds = firstNumber(read('cpuacct.usage'));
  if (cpu.nr_periods !== undefined || nanoseconds !== undefined) {
    stats.cpu = {
      ...count('usageMicroseconds', nanoseconds === undefined ? undefined : Math.round(nanoseconds / 1000)),
      ...count('periods', cpu.nr_periods),
      ...count('throttledPeriods', cpu.nr_throttled),
      ...count(
        'throttledMicroseconds',
        cpu.throttled_time === undefined ? undefined : Math.round(cpu.throttled_time / 1000),
      ),
    };
  }
  return stats;
}
