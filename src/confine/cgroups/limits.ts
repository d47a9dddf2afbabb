/** Limits as steps of a plan: groups are created, limited and joined before the child's first instruction. */
import { posix } from 'node:path';
import type { StepInput } from '../plan.ts';
import { CgroupError } from './error.ts';
import type { CgroupHost } from './host.ts';
import { seatsFor, type Need } from './seats.ts';
import { v1Writes } from './v1.ts';
import { v2Writes } from './v2.ts';

export interface Limits {
  /** Bytes of memory, page cache and kernel memory together; none of it may be swapped out. */
  memory?: number;
  /** Processes and threads. */
  pids?: number;
  /** Cores, 0.01 and up: 0.2 is 20 ms of every 100 ms, 2 is two cores. */
  cpus?: number;
  /** The group will be counted: CPU time of all its processes. */
  account?: boolean;
  /** The group will be frozen, or killed as a whole. */
  freeze?: boolean;
}

/** A file of a group and what to write into it. */
export interface Write {
  file: string;
  value: string;
}

/** Below this not even a static executable starts: the kernel kills it before its first instruction. */
export const LEAST_MEMORY = 1024 * 1024;
export const LEAST_CPUS = 0.01;

export function needsOf(limits: Limits): Need[] {
  const needs: Need[] = [];
  if (limits.memory !== undefined) needs.push('memory');
  if (limits.pids !== undefined) needs.push('pids');
  if (limits.cpus !== undefined) needs.push('cpu');
  if (limits.account) needs.push('account');
  if (limits.freeze) needs.push('freeze');
  return needs;
}

/**
 * The steps that put a child under limits, in a group called `name` (from cgroupName) of each hierarchy needed.
 * No limits, no steps. Throws CgroupError when the host cannot, or when a limit makes no sense.
 */
export function limitSteps(host: CgroupHost, limits: Limits, name: string): StepInput[] {
  checkLimits(limits);
  const { v1, v2 } = seatsFor(host, needsOf(limits));
  const create: StepInput[] = [];
  const write: StepInput[] = [];
  const join: StepInput[] = [];

  for (const hierarchy of v1) {
    const path = posix.join(hierarchy.parent, name);
    create.push({ step: 'cgroupCreate', path });
    write.push(...writeSteps(path, v1Writes(hierarchy, limits)));
    join.push({ step: 'cgroupJoin', path, how: 'write' });
  }
  if (v2) {
    const path = posix.join(v2.place.path, name);
    if (v2.enable.length > 0) {
      const value = v2.enable.map((controller) => `+${controller}`).join(' ');
      create.push(...writeSteps(v2.place.path, [{ file: 'cgroup.subtree_control', value }]));
    }
    create.push({ step: 'cgroupCreate', path });
    const enabled = [...v2.place.enabled, ...v2.enable];
    write.push(...writeSteps(path, v2Writes(v2.place, enabled, limits)));
    // Born in the group: no moment outside of it, and no wait for the lock that moving a process takes.
    join.push({ step: 'cgroupJoin', path, how: 'clone' });
  }
  return [...create, ...write, ...join];
}

function writeSteps(folder: string, writes: Write[]): StepInput[] {
  return writes.map(({ file, value }) => ({ step: 'cgroupWrite', path: posix.join(folder, file), value }));
}

function checkLimits({ memory, pids, cpus }: Limits): void {
  if (memory !== undefined && !(Number.isSafeInteger(memory) && memory >= LEAST_MEMORY)) {
    throw new CgroupError(`${memory} bytes is no memory limit`, 'give 1 MiB or more');
  }
  if (pids !== undefined && !(Number.isSafeInteger(pids) && pids >= 1 && pids <= 4_194_304)) {
    throw new CgroupError(`${pids} is no number of processes`, 'give 1 to 4194304');
  }
  if (cpus !== undefined && !(cpus >= LEAST_CPUS && cpus <= 10_000)) {
    throw new CgroupError(`${cpus} is no share of cores`, `give ${LEAST_CPUS} or more; 1 is one core`);
  }
}
