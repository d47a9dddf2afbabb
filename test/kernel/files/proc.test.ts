import { expect, test } from 'vitest';
import { standardTree } from '../../../src/kernel/files/standard-tree.ts';
import { FileSystemContext } from '../../../src/kernel/files/context.ts';
import { Limits } from '../../../src/kernel/tasks/limits.ts';
import { SignalActions } from '../../../src/kernel/signals/actions.ts';
import { PendingSignals } from '../../../src/kernel/signals/pending.ts';
import { SignalSet } from '../../../src/kernel/signals/signal-set.ts';
import { World } from './world.ts';

/** A world with /proc, and as much of a process as /proc asks about. */
function procWorld(): World {
  const world = new World({ 'etc/hostname': 'host\n', 'home/ada/secret': '', 'home/bob/file': 'shown' });
  const { host } = world;
  const tree = standardTree({ memory: world.pages, root: host, hidden: [`${host}/home`] });
  Object.assign(world, { fileSystem: tree, fs: new FileSystemContext(tree.root) });
  const group = {
    pid: 7,
    leader: world.task,
    tasks: new Set([world.task]),
    processGroup: { id: 7 },
    session: { id: 7 },
    actions: new SignalActions(),
    pending: new PendingSignals(),
    limits: new Limits(),
    childrenUsage: { user: 0 },
    nice: 0,
    startTime: 0,
    exitSignal: 17,
    oomScoreAdjust: 0,
    cpuTime: () => 0,
  };
  const pids = {
    process: (pid: number) => (pid === 7 ? group : undefined),
    task: () => undefined,
    processes: () => [group].values(),
  };
  Object.assign(world, { group, tid: 7, mask: new SignalSet(), pending: new PendingSignals() });
  Object.assign(world, {
    mm: { areas: { items: [], mapped: 0 }, pages: { pieces: [] } },
    cpu: { used: () => 0 },
  });
  Object.assign(world.kernel, {
    pids,
    hostname: 'ring3',
    processors: 3,
    memoryUse: () => ({ total: 0, free: 0 }),
  });
  return world;
}

test('/proc/self is the reader, with its descriptors and its status', () => {
  using world = procWorld();
  const fd = world.sys('open', '/etc/hostname', 0);
  const buffer = world.user.reserve(64);
  expect(world.sys('readlink', '/proc/self', buffer, 64)).toBe(1);
  expect(world.names('/proc/self/fd')).toContain(String(fd));
  const length = world.sys('readlink', `/proc/self/fd/${fd}`, buffer, 64);
  expect(world.user.text(buffer, length)).toBe('/etc/hostname');
  expect(world.content(`/dev/fd/${fd}`)).toBe('host\n');
  expect(world.content('/proc/7/status')).toMatch(
    /^Name:\ttest\nUmask:\t0022\nState:\tR \(running\)\nTgid:\t7\n/,
  );
  expect(String(world.content('/proc/self/stat')).split(' ')).toHaveLength(52);
  expect(world.names('/proc')).toEqual(expect.arrayContaining(['7', 'meminfo', 'self', 'sys']));
  expect(world.content('/proc/self/mounts')).toMatch(/^overlay \/ overlay rw,.*\n.*devtmpfs \/dev devtmpfs/);
});

test('an unlinked file is reached again by its descriptor', () => {
  using world = procWorld();
  expect(world.write('/tmp/x', 'gone')).toBe(4);
  const fd = world.sys('open', '/tmp/x', 0);
  world.sys('unlink', '/tmp/x');
  expect(world.content(`/proc/self/fd/${fd}`)).toBe('gone');
});

test('devices do what they are for', () => {
  using world = procWorld();
  const buffer = world.user.reserve(16);
  expect(world.write('/dev/null', 'gone')).toBe(4);
  expect(world.content('/dev/null')).toBe('');
  const zero = world.sys('open', '/dev/zero', 2);
  expect(world.sys('read', zero, buffer, 16)).toBe(16);
  expect(world.user.text(buffer, 16)).toBe('\0'.repeat(16));
  expect(world.write('/dev/full', 'x')).toBe(-28);
  expect(world.content('/sys/devices/system/cpu/online')).toBe('0-1\n');
});

test('a hidden folder looks empty, but for the one that is to be shown', () => {
  using world = procWorld();
  expect(world.names('/home')).toEqual([]);
  world.fileSystem.reveal(`${world.host}/home/bob`);
  expect(world.content(`${world.host}/home/bob/file`)).toBe('shown');
});
