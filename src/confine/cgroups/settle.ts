/**
 * Make room in our own v2 group. A container, or a service with Delegate=yes, starts us in the one group that it lets us
 * use, and a group with processes cannot enable controllers for groups below it (cgroups(7), "no internal processes").
 * So its processes move into a leaf, as init systems do when they start.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { CgroupError } from './error.ts';
import { discoverCgroups, type CgroupHost } from './host.ts';
import { needsOf, type Limits } from './limits.ts';
import { whyNot } from './seats.ts';

/** Not of cgroupName's form: nobody owns it, and sweep must never kill what lives there. */
const LEAF = 'ring3-settled';

/**
 * The host as limitSteps wants it. Moves processes only where nothing else makes the limits possible, and only out of
 * a group that was given to us: one that we may write, below or at the root that this container is shown.
 */
export function hostFor(limits: Limits, host: CgroupHost = discoverCgroups()): CgroupHost {
  const needs = needsOf(limits);
  if (!whyNot(host, needs)) return host;
  const own = host.v2?.places[0];
  if (!host.v2 || own?.fixed !== 'occupied') return host;

  const { fixed: _, ...roomy } = own;
  if (whyNot({ ...host, v2: { ...host.v2, places: [roomy] } }, needs)) return host;
  moveAll(own.path, posix.join(own.path, LEAF));
  return discoverCgroups();
}

/** Until none is left, since some may fork meanwhile. Throws CgroupError when one cannot be moved. */
function moveAll(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (let round = 0; round < 100; round++) {
    // Processes outside of our pid namespace show as 0, and cannot be moved from here.
    const pids = readFileSync(`${from}/cgroup.procs`, 'utf8')
      .split('\n')
      .filter((pid) => Number(pid) > 0);
    if (pids.length === 0) return;
    for (const pid of pids) move(pid, to);
  }
}

function move(pid: string, to: string): void {
  try {
    writeFileSync(`${to}/cgroup.procs`, pid);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return;
    const problem = `cannot move process ${pid} to ${to} (${code})`;
    throw new CgroupError(problem, 'start the command in a group of its own', { cause: error });
  }
}
