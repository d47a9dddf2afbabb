import { describe, expect, test } from 'vitest';
import { discoverCgroups } from '../../../src/confine/cgroups/host.ts';
import { limitSteps, type Limits } from '../../../src/confine/cgroups/limits.ts';
import { whyNot, type Need } from '../../../src/confine/cgroups/seats.ts';
import type { View } from '../../../src/confine/cgroups/view.ts';
import { planSchema, type StepInput } from '../../../src/confine/plan.ts';
import {
  bare,
  docker,
  dockerV1,
  hybrid,
  machine,
  raspberry,
  systemdRoot,
  systemdScope,
  systemdSession,
  v2Group,
} from './machines.ts';

const MIB = 1024 * 1024;
const FS = '/sys/fs/cgroup';

/** A line a step, as one would do it by hand. */
function lines(view: View, limits: Limits): string[] {
  const steps = limitSteps(discoverCgroups(view), limits, 'g');
  expect(planSchema.safeParse(steps).error).toBeUndefined();
  return steps.map(line);
}

function line(step: StepInput): string {
  if (step.step === 'cgroupCreate') return `mkdir ${step.path}`;
  if (step.step === 'cgroupWrite') return `${step.path} = ${step.value}`;
  if (step.step === 'cgroupJoin') return `${step.how} ${step.path}`;
  throw new Error(`not a step of cgroups: ${step.step}`);
}

const reason = (view: View, ...needs: Need[]) => whyNot(discoverCgroups(view), needs)?.message;

test('no limits, no steps, on any host', () => {
  for (const view of [bare, docker(false), hybrid, systemdRoot]) expect(lines(view, {})).toEqual([]);
});

describe('v2', () => {
  test('everything in one group, that the child is born in', () => {
    const at = `${FS}/user.slice/user-1000.slice/g`;
    expect(lines(systemdRoot, { memory: 32 * MIB, pids: 32, cpus: 0.2 })).toEqual([
      `mkdir ${at}`,
      `${at}/memory.max = 33554432`,
      `${at}/memory.swap.max = 0`,
      `${at}/memory.oom.group = 1`,
      `${at}/pids.max = 32`,
      `${at}/cpu.max = 20000 100000`,
      `clone ${at}`,
    ]);
  });

  test('controllers that are not enabled yet are, at the root of a bare machine', () => {
    const view = machine({
      mounts: [`cgroup2 ${FS} / rw`],
      own: ['0::/'],
      files: v2Group(FS, { controllers: 'cpu memory pids', enabled: 'pids', procs: '1\n' }),
    });
    expect(lines(view, { pids: 5, cpus: 2 })).toEqual([
      `${FS}/cgroup.subtree_control = +cpu`,
      `mkdir ${FS}/g`,
      `${FS}/g/pids.max = 5`,
      `${FS}/g/cpu.max = 200000 100000`,
      `clone ${FS}/g`,
    ]);
  });

  test('only what was asked for is written, though the group has more', () => {
    const at = `${FS}/user.slice/user-1000.slice/g`;
    expect(lines(systemdRoot, { pids: 1 })).toEqual([`mkdir ${at}`, `${at}/pids.max = 1`, `clone ${at}`]);
  });

  test('freezing and accounting need no controller, so an occupied group will do', () => {
    const own = `${FS}/user.slice/user-1000.slice/session-3.scope/g`;
    expect(lines(systemdRoot, { freeze: true, account: true })).toEqual([`mkdir ${own}`, `clone ${own}`]);
  });

  test('what systemd has enabled is preferred to what we would have to enable', () => {
    const app = `${FS}/user.slice/user-1000.slice/user@1000.service/app.slice/g`;
    expect(lines(systemdScope('cpu memory pids'), { pids: 9 })[0]).toBe(`mkdir ${app}`);
    const service = `${FS}/user.slice/user-1000.slice/user@1000.service/g`;
    expect(lines(systemdScope('cpu memory pids'), { cpus: 1 })[0]).toBe(`mkdir ${service}`);
  });
});

describe('v1', () => {
  test('a group a hierarchy, joined by writing; swap counts with memory', () => {
    const memory = `${FS}/memory/user.slice/user-0.slice/session-1.scope/g`;
    const cpu = `${FS}/cpu,cpuacct/user.slice/g`;
    expect(lines(hybrid, { memory: 64 * MIB, cpus: 0.5 })).toEqual([
      `mkdir ${memory}`,
      `mkdir ${cpu}`,
      `${memory}/memory.limit_in_bytes = 67108864`,
      `${memory}/memory.memsw.limit_in_bytes = 67108864`,
      `${cpu}/cpu.cfs_period_us = 100000`,
      `${cpu}/cpu.cfs_quota_us = 50000`,
      `write ${memory}`,
      `write ${cpu}`,
    ]);
  });

  test('where swap is not counted there is no such file to write', () => {
    expect(lines(dockerV1(), { memory: 64 * MIB })).not.toContainEqual(expect.stringContaining('memsw'));
  });

  test('on a hybrid host the whole group is frozen through v2', () => {
    expect(lines(hybrid, { pids: 3, freeze: true }).map((each) => each.split(' ')[0])).toEqual([
      'mkdir',
      'mkdir',
      expect.stringContaining('pids.max'),
      'write',
      'clone',
    ]);
  });

  test('without a v2 tree, through the freezer', () => {
    const view = machine({ mounts: ['cgroup /cg / rw,freezer'], own: ['1:freezer:/'] });
    expect(lines(view, { freeze: true })).toEqual(['mkdir /cg/g', 'write /cg/g']);
  });
});

describe('a host that cannot says why, and what to do', () => {
  test.each<[string, View, Need[], RegExp]>([
    [
      'a session',
      systemdSession,
      ['memory'],
      /session-3.scope is not writable \(EACCES\).*systemd-run --user --scope/,
    ],
    ['a container', docker(false), ['memory'], /read-only.*--privileged/],
    ['a v1 container', dockerV1('EROFS'), ['pids'], /v1 pids .*read-only.*--privileged/],
    ['a privileged container', docker(true), ['memory'], /has processes of its own.*systemd-run --scope/],
    [
      'a user without cpu',
      systemdScope('memory pids'),
      ['cpu'],
      /controller cpu is not passed down.*Delegate=cpu/,
    ],
    [
      'a kernel without memory',
      raspberry,
      ['memory', 'pids'],
      /no cgroup controller memory at .*cgroup_enable=memory/,
    ],
    ['nothing mounted', bare, ['memory'], /no cgroup hierarchy with memory is mounted.*mount -t cgroup2/],
    ['v1 without a freezer', dockerV1(), ['freeze'], /no cgroup v2 hierarchy is mounted/],
  ])('%s', (_, view, needs, message) => {
    expect(reason(view, ...needs)).toMatch(message);
    expect(reason(view, ...needs)).not.toContain('\n');
  });

  test('what is possible has no reason', () => {
    expect(reason(raspberry, 'pids')).toBeUndefined();
    expect(reason(systemdScope('memory pids'), 'memory', 'pids')).toBeUndefined();
    expect(reason(docker(true), 'freeze')).toBeUndefined();
  });
});

test.each<[Limits, RegExp]>([
  [{ memory: 1000 }, /1000 bytes/],
  [{ memory: Number.NaN }, /NaN bytes/],
  [{ memory: 2 ** 60 }, /is no memory limit/],
  [{ pids: 0 }, /0 is no number of processes/],
  [{ pids: 1.5 }, /1.5 is no number/],
  [{ cpus: 0 }, /0 is no share of cores/],
  [{ cpus: Number.NaN }, /NaN is no share/],
  [{ cpus: -1 }, /-1 is no share/],
])('a limit that makes no sense is refused: %j', (limits, message) => {
  expect(() => limitSteps(discoverCgroups(systemdRoot), limits, 'g')).toThrow(message);
});
