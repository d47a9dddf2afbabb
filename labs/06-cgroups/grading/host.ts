/** This host as an exercise sees it: bases of our own, made for one task and taken away after it. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { CgroupError, cgroupName, hostFor, seatsFor, type CgroupHost } from 'ring3';
import type { Controller, Host } from '../exercise.ts';

const CONTROLLERS: Controller[] = ['memory', 'pids', 'cpu', 'freezer'];

export type Defer = (cleanUp: () => unknown) => void;
/** Called with doctor's probe and what it would say, where groups cannot be made. */
export type Cannot = (probe: string, reason: string) => never;

export function thisHost(defer: Defer, cannot: Cannot): Host {
  const found = hostFor({ memory: 2 ** 25, pids: 64, cpus: 0.5 });
  const memoryInV1 = found.v1.some(({ controllers }) => controllers.includes('memory'));
  return memoryInV1 ? hostV1(found, defer, cannot) : hostV2(found, defer, cannot);
}

function makeBase(parent: string, defer: Defer): string {
  const base = `${parent}/${cgroupName()}`;
  mkdirSync(base);
  defer(() => clear(base));
  return base;
}

function hostV1(found: CgroupHost, defer: Defer, cannot: Cannot): Host {
  const bases = {} as Record<Controller, string>;
  const parents = CONTROLLERS.map((controller) => {
    const tree = found.v1.find(({ controllers }) => controllers.includes(controller));
    if (!tree) cannot(`cgroup.${controller}`, `no v1 tree of the controller ${controller} is mounted`);
    if (tree.problem) cannot(`cgroup.${controller}`, tree.problem);
    return { controller, tree };
  });
  for (const { controller, tree } of parents) bases[controller] = makeBase(tree.parent, defer);
  return { version: 1, bases, swap: existsSync(`${bases.memory}/memory.memsw.limit_in_bytes`) };
}

function hostV2(found: CgroupHost, defer: Defer, cannot: Cannot): Host {
  const seat = seatOrCannot(found, cannot);
  if (seat.enable.length > 0) {
    const words = seat.enable.map((controller) => `+${controller}`).join(' ');
    writeFileSync(`${seat.place.path}/cgroup.subtree_control`, words);
  }
  const base = makeBase(seat.place.path, defer);
  const available = readFileSync(`${base}/cgroup.controllers`, 'utf8').trim().split(' ');
  return {
    version: 2,
    base,
    members: [],
    available: (['memory', 'pids', 'cpu'] as const).filter((name) => available.includes(name)),
    enabled: [],
    swap: existsSync(`${base}/memory.swap.max`),
    killFile: existsSync(`${base}/cgroup.kill`),
  };
}

function seatOrCannot(found: CgroupHost, cannot: Cannot) {
  try {
    const { v2 } = seatsFor(found, ['memory', 'pids', 'cpu', 'freeze']);
    return v2 ?? cannot('cgroup.memory', 'no cgroup tree with a memory controller');
  } catch (error) {
    if (error instanceof CgroupError) return cannot('cgroup.memory', error.message);
    throw error;
  }
}

export function pidsIn(group: string): number[] {
  return readFileSync(`${group}/cgroup.procs`, 'utf8').split('\n').filter(Boolean).map(Number);
}

/** Kill and remove whatever a submission left below a base, and the base. */
async function clear(base: string): Promise<void> {
  for (const name of readdirSync(base, { withFileTypes: true })) {
    if (name.isDirectory()) await clear(`${base}/${name.name}`);
  }
  for (let tries = 0; tries < 400; tries++) {
    for (const file of ['freezer.state', 'cgroup.freeze']) {
      if (!existsSync(`${base}/${file}`)) continue;
      // v2 lacks the file at the root of a delegation only; v1's base is a group like any other.
      writeFileSync(`${base}/${file}`, file === 'freezer.state' ? 'THAWED' : '0');
    }
    if (existsSync(`${base}/cgroup.kill`)) writeFileSync(`${base}/cgroup.kill`, '1');
    for (const pid of pidsIn(base)) endProcess(pid);
    try {
      rmdirSync(base);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    }
    await delay(5);
  }
  throw new Error(`${base} cannot be emptied`);
}

export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
