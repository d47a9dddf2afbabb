import { expect, test } from 'vitest';
import type { CgroupHost } from '../../../src/confine/cgroups/host.ts';
import { readStats, wasOomKilled } from '../../../src/confine/cgroups/stats.ts';
import type { View } from '../../../src/confine/cgroups/view.ts';

const view = (files: Record<string, string>): View => ({
  read: (path) => files[path],
  refusal: () => undefined,
});
const hierarchy = (...controllers: string[]) => {
  const parent = `/cg/${controllers.join(',')}`;
  return { controllers, mount: parent, parent, swap: false };
};
const v1Host: CgroupHost = {
  layout: 'v1',
  v1: [hierarchy('cpu'), hierarchy('cpuacct'), hierarchy('memory'), hierarchy('pids')],
};
const v2Host: CgroupHost = {
  layout: 'v2',
  v1: [],
  v2: { mount: '/cg', own: '/cg', places: [{ path: '/cg', available: [], enabled: [], swap: true }] },
};
const killed = { signal: 'SIGKILL' };

test('a group that was not made has no parts', () => {
  expect(readStats(v1Host, 'g', view({}))).toEqual({});
  expect(readStats(v2Host, 'g', view({}))).toEqual({});
});

test('v2: one directory, and what an older kernel does not count is left out', () => {
  const files = {
    '/cg/g/cgroup.procs': '',
    '/cg/g/memory.current': '4096\n',
    '/cg/g/memory.max': '33554432\n',
    '/cg/g/memory.events': 'low 0\nhigh 0\nmax 17\noom 1\noom_kill 2\noom_group_kill 1\n',
    '/cg/g/pids.current': '3\n',
    '/cg/g/pids.max': 'max\n',
    '/cg/g/pids.events': 'max 9\n',
    '/cg/g/cpu.stat': 'usage_usec 1234\nuser_usec 1000\nsystem_usec 234\n',
  };
  const stats = readStats(v2Host, 'g', view(files));
  expect(stats).toEqual({
    memory: { current: 4096, limit: 33554432, limitHits: 17, oomKills: 2 },
    pids: { current: 3, refused: 9 },
    cpu: { usageMicroseconds: 1234 },
  });
  expect(wasOomKilled(stats, killed)).toBe(true);
  const newer = { ...files, '/cg/g/memory.peak': '5000000\n', '/cg/g/pids.peak': '8\n' };
  expect(readStats(v2Host, 'g', view(newer))).toMatchObject({
    memory: { peak: 5_000_000 },
    pids: { peak: 8 },
  });
});

test('v1: one directory a hierarchy, nanoseconds, and time used beside time throttled', () => {
  const stats = readStats(
    v1Host,
    'g',
    view({
      '/cg/cpu/g/cgroup.procs': '',
      '/cg/cpu/g/cpu.stat': 'nr_periods 20\nnr_throttled 19\nthrottled_time 1500000000\n',
      '/cg/cpuacct/g/cgroup.procs': '',
      '/cg/cpuacct/g/cpuacct.usage': '400000999\n',
      '/cg/memory/g/cgroup.procs': '',
      '/cg/memory/g/memory.usage_in_bytes': '0\n',
      '/cg/memory/g/memory.max_usage_in_bytes': '33554432\n',
      '/cg/memory/g/memory.limit_in_bytes': '9223372036854771712\n',
      '/cg/memory/g/memory.failcnt': '20\n',
      '/cg/memory/g/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n',
    }),
  );
  expect(stats).toEqual({
    cpu: { usageMicroseconds: 400_001, periods: 20, throttledPeriods: 19, throttledMicroseconds: 1_500_000 },
    memory: { current: 0, peak: 33554432, limitHits: 20, oomKills: 0 },
  });
  expect(wasOomKilled(stats, killed)).toBe(false);
});

test('v1 before 4.13 does not count kills: the limit was met, and the command was killed', () => {
  const files = {
    '/cg/memory/g/cgroup.procs': '',
    '/cg/memory/g/memory.usage_in_bytes': '0\n',
    '/cg/memory/g/memory.failcnt': '3\n',
    '/cg/memory/g/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\n',
  };
  const stats = readStats(v1Host, 'g', view(files));
  expect(stats.memory).not.toHaveProperty('oomKills');
  expect(wasOomKilled(stats, killed)).toBe(true);
  expect(wasOomKilled(stats, { signal: null })).toBe(false);
  const never = readStats(v1Host, 'g', view({ ...files, '/cg/memory/g/memory.failcnt': '0\n' }));
  expect(wasOomKilled(never, killed)).toBe(false);
});
