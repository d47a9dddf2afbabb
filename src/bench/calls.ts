/** What one system call costs in a plain child, under the filter alone, and in the whole confinement. */
import { execute } from '../confine/execute.ts';
import type { StepInput } from '../confine/plan.ts';
import { helperPath } from '../linux/addon.ts';
import { median } from './statistics.ts';
import { execStep } from './program.ts';
import { seccompSteps } from './targets/seccomp.ts';
import { allPlan } from './targets/together.ts';

export interface CallCost {
  world: 'plain' | 'seccomp' | 'all';
  /** Nanoseconds. */
  getppid: number;
  /** The filter must read this one's arguments. */
  fchmod: number;
}

const GUEST = 'pace';
/** Where the guest lies in a root directory of its own: the project may stand in a home, which is hidden there. */
const INSIDE = '/tmp/ring3-pace';

type World = CallCost['world'];

function worlds(): [World, () => StepInput[]][] {
  const program = helperPath(GUEST);
  const bind = { source: program, target: INSIDE, attributes: ['ro', 'nosuid', 'nodev'] as const };
  return [
    ['plain', () => [execStep([program])]],
    ['seccomp', () => [...seccompSteps(), execStep([program])]],
    ['all', () => allPlan([INSIDE], { binds: [{ ...bind, attributes: [...bind.attributes] }] })],
  ];
}

/** Round by round, so that a machine that slows down slows all worlds. @throws Error when a world does not start. */
export async function callCosts(rounds: number): Promise<CallCost[]> {
  const samples = new Map<World, Omit<CallCost, 'world'>[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [world, plan] of worlds()) {
      samples.set(world, [...(samples.get(world) ?? []), await once(plan())]);
    }
  }
  return [...samples].map(([world, each]) => ({
    world,
    getppid: median(each.map(({ getppid }) => getppid)),
    fchmod: median(each.map(({ fchmod }) => fchmod)),
  }));
}

async function once(plan: readonly StepInput[]): Promise<Omit<CallCost, 'world'>> {
  const { exit, stdout, stderr } = await execute(plan);
  const value = (name: string): number => Number(new RegExp(`^${name} ([\\d.]+)$`, 'm').exec(stdout)?.[1]);
  const cost = { getppid: value('getppid'), fchmod: value('fchmod') };
  if (exit.code !== 0 || Number.isNaN(cost.getppid) || Number.isNaN(cost.fchmod)) {
    throw new Error(`${GUEST} ended with ${exit.signal ?? exit.code}: ${stderr.trim() || 'no figures'}`);
  }
  return cost;
}
