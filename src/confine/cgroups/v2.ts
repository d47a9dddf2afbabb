/** The files of v2 groups: one directory for all controllers (kernel: admin-guide/cgroup-v2). */
import type { V2Place } from './host.ts';
import type { Limits, Write } from './limits.ts';
import type { CgroupStats } from './stats.ts';
import { count, firstNumber, keyed, limitOf } from './values.ts';
import type { View } from './view.ts';

/** Microseconds in which a quota is spent and renewed. */
const PERIOD = 100_000;

/** `enabled`: the controllers that the group will have. */
export function v2Writes(place: V2Place, enabled: readonly string[], limits: Limits): Write[] {
  const writes: Write[] = [];
  if (limits.memory !== undefined && enabled.includes('memory')) {
    writes.push({ file: 'memory.max', value: String(limits.memory) });
    if (place.swap) writes.push({ file: 'memory.swap.max', value: '0' });
    // Out of memory ends the whole group: half of a guest is of no use, and its status would hide the reason.
    writes.push({ file: 'memory.oom.group', value: '1' });
  }
  if (limits.pids !== undefined && enabled.includes('pids')) {
    writes.push({ file: 'pids.max', value: String(limits.pids) });
  }
  if (limits.cpus !== undefined && enabled.includes('cpu')) {
    writes.push({ file: 'cpu.max', value: `${Math.round(limits.cpus * PERIOD)} ${PERIOD}` });
  }
  return writes;
}

/** What a group has counted. The files of a controller are there only when it is enabled; cpu.stat always is. */
export function v2Stats(view: View, folder: string): CgroupStats {
  const read = (file: string) => view.read(`${folder}/${file}`);
  const stats: CgroupStats = {};

  const memory = firstNumber(read('memory.current'));
  if (memory !== undefined) {
    const events = keyed(read('memory.events'));
    stats.memory = {
      current: memory,
      ...count('peak', firstNumber(read('memory.peak'))),
      ...count('limit', limitOf(read('memory.max'))),
      limitHits: events.max ?? 0,
      ...count('oomKills', events.oom_kill),
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
  if (cpu.usage_usec !== undefined) {
    stats.cpu = {
      usageMicroseconds: cpu.usage_usec,
      ...count('periods', cpu.nr_periods),
      ...count('throttledPeriods', cpu.nr_throttled),
      ...count('throttledMicroseconds', cpu.throttled_usec),
    };
  }
  return stats;
}
