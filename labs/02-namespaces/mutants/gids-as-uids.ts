// loses: id-map, shifted — on most machines both numbers are 1000, so nobody notices
import type { StepInput } from 'ring3';
import type { World } from '../exercise.ts';
import { plan as right } from '../solution.ts';

export function plan(world: World): StepInput[] {
  return right(world).map((step): StepInput => {
    if (step.step === 'idMap') return { ...step, gid: step.uid };
    return step;
  });
}
