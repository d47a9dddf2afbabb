/** Control groups: a group is made, its limit is set, a child joins, and the limit must bite. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killGroup, removeFolder } from '../../confine/cgroups/control.ts';
import {
  cgroupName,
  CgroupError,
  discoverCgroups,
  hostFor,
  needsOf,
  seatsFor,
  type CgroupHost,
  type Limits,
} from '../../confine/cgroups/index.ts';
import { lookNatively } from '../native.ts';
import type { Finding, ProbeDefinition } from '../result.ts';

const group = 'cgroups';

const layout: ProbeDefinition = {
  id: 'cgroup.version',
  title: 'version',
  group,
  neededBy: [6, 7],
  why: 'version 1 and 2 differ in their files; ring3 serves both, and a mixture',
  async look() {
    const host = discoverCgroups();
    const { v1, v2 } = host;
    const controllers = v1.flatMap((hierarchy) => hierarchy.controllers);
    const parts = [
      ...(controllers.length > 0 ? [`v1 has ${controllers.join(', ')}`] : []),
      ...(v2 ? [`v2 has ${v2.places.at(-1)?.available.join(', ') || 'no controllers'}`] : []),
    ];
    if (host.layout === 'none') return { ok: false, seen: 'no cgroup hierarchy is mounted' };
    return { ok: true, seen: `${host.layout}: ${parts.join('; ')}` };
  },
};

/** What a run would ask for; the values are set by the C program. No run limits the disk. */
const LIMITS = {
  memory: { memory: 2 ** 23 },
  pids: { pids: 4 },
  cpu: { cpus: 0.1 },
  freezer: { freeze: true },
  io: undefined,
} satisfies Record<string, Limits | undefined>;
type Controller = keyof typeof LIMITS;

export const cgroupProbes: ProbeDefinition[] = [
  layout,
  cgroupProbe(
    'memory',
    'memory limit',
    [6, 7],
    'a guest that wants too much is killed, and not its neighbours',
  ),
  cgroupProbe('pids', 'process limit', [6, 7], 'a fork bomb ends at the limit'),
  cgroupProbe('cpu', 'CPU quota', [6, 7], 'a guest that spins leaves the rest to others'),
  cgroupProbe('freezer', 'freezing', [6, 7], 'a whole group stands still while it is looked at or ended'),
  cgroupProbe('io', 'disk limit', [], 'nothing yet: no lab limits the disk'),
];

function cgroupProbe(
  controller: Controller,
  title: string,
  neededBy: number[],
  why: string,
): ProbeDefinition {
  const id = `cgroup.${controller}`;
  const look = (signal: AbortSignal) => lookInNewGroup(id, controller, signal);
  return { id, title, group, neededBy, why, restsOn: () => ['cgroup.version'], look };
}

/** Where a new group has the controller, and what must be enabled there first. */
interface Seat {
  version: 'v1' | 'v2';
  parent: string;
  enable: readonly string[];
}

async function lookInNewGroup(id: string, controller: Controller, signal: AbortSignal): Promise<Finding> {
  try {
    const seat = seatOf(controller);
    for (const name of seat.enable) writeFileSync(join(seat.parent, 'cgroup.subtree_control'), `+${name}`);
    const path = join(seat.parent, cgroupName());
    mkdirSync(path);
    try {
      return await lookNatively(id, [seat.version, path], signal);
    } finally {
      await removeGroup(seat, path);
    }
  } catch (error) {
    return refusal(error);
  }
}

/** Throws CgroupError when there is no place for the controller. */
function seatOf(controller: Controller): Seat {
  const limits = LIMITS[controller];
  if (!limits) return ioSeat(discoverCgroups());
  const { v1, v2 } = seatsFor(hostFor(limits), needsOf(limits));
  if (v2) return { version: 'v2', parent: v2.place.path, enable: v2.enable };
  const [hierarchy] = v1;
  if (!hierarchy) throw new CgroupError(`no hierarchy has the ${controller} controller`, '');
  return { version: 'v1', parent: hierarchy.parent, enable: [] };
}

function ioSeat({ v1, v2 }: CgroupHost): Seat {
  const hierarchy = v1.find(({ controllers }) => controllers.includes('blkio'));
  if (hierarchy?.problem) throw new CgroupError(hierarchy.problem, '');
  if (hierarchy) return { version: 'v1', parent: hierarchy.parent, enable: [] };
  const places = v2?.places.filter(({ problem, available }) => !problem && available.includes('io')) ?? [];
  const place = places.find(({ enabled }) => enabled.includes('io')) ?? places.find(({ fixed }) => !fixed);
  if (!place) throw new CgroupError('no cgroup that we may use has the io controller', '');
  return { version: 'v2', parent: place.path, enable: place.enabled.includes('io') ? [] : ['io'] };
}

function refusal(error: unknown): Finding {
  const { message, code } = error as NodeJS.ErrnoException;
  if (!(error instanceof CgroupError)) {
    return { ok: false, seen: message, ...(code !== undefined && { errno: code }) };
  }
  const { hint } = error;
  return hint
    ? { ok: false, seen: message.replace(`: ${hint}`, ''), fix: hint }
    : { ok: false, seen: message };
}

/** A probe that was killed may leave a child behind, even a frozen one. */
async function removeGroup(seat: Seat, path: string): Promise<void> {
  const freezer = existsSync(join(path, 'freezer.state'));
  await killGroup(
    seat.version === 'v2' ? { v1: [], v2: path } : { v1: [path], ...(freezer && { freezer: path }) },
    path,
  );
  await removeFolder(path);
}
