// loses: loopback — lo is there, ip link says so; that it is down nobody reads
import type { StepInput } from 'ring3';
import type { World } from '../exercise.ts';
import { plan as right } from '../solution.ts';

export function plan(world: World): StepInput[] {
  return right(world).filter((step) => step.step !== 'loopback');
}
