import { describe, expect, test } from 'vitest';
import { discoverCgroups } from '../../../src/confine/cgroups/host.ts';
import { cgroupMounts, directoryOf, memberships } from '../../../src/confine/cgroups/mounts.ts';
import {
  bare,
  docker,
  dockerV1,
  hybrid,
  machine,
  systemdRoot,
  systemdScope,
  systemdSession,
} from './machines.ts';

describe('mountinfo', () => {
  test('the optional fields vary in number, and blanks are octal', () => {
    for (const optional of ['', 'shared:4 ', 'shared:4 master:7 '])
      expect(cgroupMounts(`31 23 0:28 / /a\\040b rw ${optional}- cgroup none rw,cpu,cpuacct`)).toEqual([
        { version: 1, path: '/a b', root: '/', controllers: ['rw', 'cpu', 'cpuacct'] },
      ]);
  });

  test('a path with a colon is one field', () => {
    expect(memberships('4:cpu,cpuacct:/a:b\n0::/c\n')).toEqual([
      { version: 1, controllers: ['cpu', 'cpuacct'], path: '/a:b' },
      { version: 2, controllers: [], path: '/c' },
    ]);
  });

  test('a group shows below the mount only if it lies below what is mounted', () => {
    const mount = { version: 2 as const, path: '/cg', root: '/docker/1', controllers: [] };
    expect(directoryOf(mount, '/docker/1')).toBe('/cg');
    expect(directoryOf(mount, '/docker/1/a')).toBe('/cg/a');
    expect(directoryOf(mount, '/docker/10')).toBeUndefined();
    expect(directoryOf(mount, '/')).toBeUndefined();
    // Across a cgroup namespace the kernel shows what lies outside as /..
    expect(directoryOf({ ...mount, root: '/' }, '/../other')).toBeUndefined();
  });
});

describe('layout', () => {
  test.each([
    ['v2', systemdRoot],
    ['hybrid', hybrid],
    ['v1', dockerV1()],
    ['none', bare],
  ])('%s', (layout, view) => expect(discoverCgroups(view).layout).toBe(layout));
});

describe('v1', () => {
  test('groups are made below our own; controllers mounted together are one hierarchy', () => {
    const { v1 } = discoverCgroups(hybrid);
    expect(v1.map(({ controllers, parent }) => [controllers.join(), parent])).toEqual([
      ['cpu,cpuacct', '/sys/fs/cgroup/cpu,cpuacct/user.slice'],
      ['memory', '/sys/fs/cgroup/memory/user.slice/user-0.slice/session-1.scope'],
      ['pids', '/sys/fs/cgroup/pids/user.slice/user-0.slice/session-1.scope'],
      ['freezer', '/sys/fs/cgroup/freezer'],
    ]);
    expect(v1.map(({ swap }) => swap)).toEqual([false, true, false, false]);
  });

  test('where our own group cannot be written, the root of the mount may be', () => {
    const view = machine({
      mounts: ['cgroup /cg / rw,pids'],
      own: ['1:pids:/mine'],
      refused: { '/cg/mine': 'EACCES' },
    });
    expect(discoverCgroups(view).v1[0]).toMatchObject({ parent: '/cg' });
    expect(discoverCgroups(view).v1[0]).not.toHaveProperty('problem');
  });

  test('a container sees its own group as the root', () => {
    expect(discoverCgroups(dockerV1()).v1[0]).toMatchObject({ parent: '/sys/fs/cgroup/memory' });
    expect(discoverCgroups(dockerV1('EROFS')).v1[0]?.problem).toBe(
      'cgroup v1 memory at /sys/fs/cgroup/memory is mounted read-only',
    );
  });
});

const summary = (view: Parameters<typeof discoverCgroups>[0]) =>
  discoverCgroups(view).v2?.places.map(({ path, problem, fixed }) => [
    path.split('/').at(-1),
    problem ? 'closed' : (fixed ?? 'open'),
  ]);

describe('v2', () => {
  test('root on a systemd host: its session is occupied, the slices above are not', () => {
    expect(summary(systemdRoot)).toEqual([
      ['session-3.scope', 'occupied'],
      ['user-1000.slice', 'open'],
      ['user.slice', 'open'],
      ['cgroup', 'open'],
    ]);
  });

  test('a user in a session may write nothing', () => {
    expect(summary(systemdSession)?.every(([, state]) => state === 'closed')).toBe(true);
  });

  test("a user below the user's own service may write as far up as that", () => {
    expect(summary(systemdScope('cpu memory pids'))).toEqual([
      ['run-r1.scope', 'occupied'],
      ['app.slice', 'open'],
      ['user@1000.service', 'open'],
      ['user-1000.slice', 'closed'],
      ['user.slice', 'closed'],
      ['cgroup', 'closed'],
    ]);
  });

  test('the root of a container is not the true root: it may be occupied', () => {
    expect(summary(docker(true))).toEqual([['cgroup', 'occupied']]);
    expect(summary(docker(false))).toEqual([['cgroup', 'closed']]);
  });

  test('a threaded group takes no processes', () => {
    const files = { '/cg/cgroup.type': 'domain threaded\n' };
    const view = machine({ mounts: ['cgroup2 /cg / rw'], own: ['0::/'], files });
    expect(discoverCgroups(view).v2?.places[0]?.problem).toMatch(/is domain threaded/);
  });
});
