import { readdirSync, readlinkSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { becomeRoot, hostIdMaps } from '../../src/confine/idmaps.ts';
import { DEFAULT_NAMESPACES, namespaceStep } from '../../src/confine/namespaces.ts';
import { DEFAULT_CAPABILITIES, dropPrivileges } from '../../src/confine/privileges.ts';
import type { StepInput } from '../../src/confine/plan.ts';
import { carryOut } from '../../src/lab/grade/observe.ts';
import { capabilityMask } from '../../src/linux/capabilities.ts';

const maps = hostIdMaps();
const user: StepInput[] = [{ step: 'namespaces', types: ['user'] }, maps.step, ...becomeRoot(maps)];
const many = maps.step.uid.at(-1)!.count > 1000;

it('sees the whole world of the defaults, from both sides', async () => {
  const { world, failed } = await carryOut([
    namespaceStep(DEFAULT_NAMESPACES),
    maps.step,
    ...becomeRoot(maps),
    { step: 'propagation', target: '/', type: 'private' },
    { step: 'mount', type: 'proc', target: '/proc' },
    { step: 'hostname', name: 'elsewhere' },
    { step: 'loopback' },
    { step: 'init' },
  ]);
  expect(failed).toEqual([]);
  expect(world).toMatchObject({
    pid: 2,
    parent: 1,
    hostname: 'elsewhere',
    processes: [1, 2],
    interfaces: ['lo'],
    loopbackWorks: true,
    orphanReaped: true,
  });
  expect(world.identity).toMatchObject({ uids: [0, 0, 0], gids: [0, 0, 0] });
  for (const type of DEFAULT_NAMESPACES) {
    expect(world.namespaces[type]).toMatch(/^\w+:\[\d+\]$/);
    expect(world.namespaces[type]).not.toBe(readlinkSync(`/proc/self/ns/${type}`));
  }
  expect(world.status).toMatch(new RegExp(`^Uid:\\s+${maps.step.uid[0]!.outside}\\s`, 'm'));
});

it('takes refused steps out, names them, and leaves the host as it was', async () => {
  const before = hostname();
  const { world, failed } = await carryOut([
    ...user,
    { step: 'hostname', name: 'nobody' },
    { step: 'umask', mask: 0o027 },
    { step: 'loopback' },
  ]);
  expect(failed.map(({ step, code }) => `${step} ${code}`)).toEqual(['hostname EPERM', 'loopback EPERM']);
  expect(world.umask).toBe(0o027);
  expect(world.hostname).toBe(before);
  expect(hostname()).toBe(before);
});

it('sees nobody where no map was written', async () => {
  const { world } = await carryOut([{ step: 'namespaces', types: ['user'] }]);
  expect(world.identity.uids).toEqual([65534, 65534, 65534]);
  expect(world.uidMap).toBe('');
});

it('blames the plan that no program survives', async () => {
  const starved: StepInput[] = [...user, { step: 'rlimit', resource: 'as', soft: 4096, hard: 4096 }];
  await expect(carryOut(starved)).rejects.toThrow('a program to start and run at the end of the steps');
});

it('drops privileges as dropPrivileges says', async () => {
  const { world, failed } = await carryOut([...user, ...dropPrivileges({ keep: DEFAULT_CAPABILITIES })]);
  expect(failed).toEqual([]);
  const keep = capabilityMask(DEFAULT_CAPABILITIES).toString(16);
  expect(world.identity).toMatchObject({
    effective: keep,
    permitted: keep,
    bounding: keep,
    inheritable: '0',
    ambient: '0',
    noNewPrivs: 1,
  });
});

it('becomes another user who keeps one capability, and loses it all to nobody', async (context) => {
  if (!many) context.skip(`needs user-namespace.multi-id: ${maps.describe}`);
  const ids = { uid: 77, gid: 78, groups: [79] };
  const { world, failed } = await carryOut(
    [...user, ...dropPrivileges({ keep: ['CAP_CHOWN'], ambient: ['CAP_NET_BIND_SERVICE'], ...ids })],
    { setuid: { uid: maps.step.uid[0]!.outside, gid: maps.step.gid[0]!.outside } },
  );
  expect(failed).toEqual([]);
  expect(world.identity).toMatchObject({ uids: [77, 77, 77], gids: [78, 78, 78], groups: [79] });
  expect(world.identity).toMatchObject({
    effective: '400',
    permitted: '400',
    ambient: '400',
    bounding: '401',
  });
  expect(world.setuid).toMatchObject({ uids: [77, 77, 77], effective: '400' });
});

it('shows what a setuid program gives where nothing forbids it', async (context) => {
  if (!many) context.skip(`needs user-namespace.multi-id: ${maps.describe}`);
  const spec = { keep: ['CAP_CHOWN'] as const, uid: 77, gid: 78, groups: [], noNewPrivs: false };
  const { world } = await carryOut([...user, ...dropPrivileges(spec)], {
    setuid: { uid: maps.step.uid[0]!.outside, gid: maps.step.gid[0]!.outside },
  });
  expect(world.identity.effective).toBe('0');
  expect(world.setuid).toMatchObject({ uids: [77, 0, 0], effective: '1' });
});

it('leaves no folder behind', async () => {
  const count = () => readdirSync(tmpdir()).filter((name) => name.startsWith('ring3-world-')).length;
  const before = count();
  await carryOut(user);
  expect(count()).toBeLessThanOrEqual(before);
});
