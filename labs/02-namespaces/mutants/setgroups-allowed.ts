// loses: setgroups — as root it works, and the manual page seems to be about somebody else
import type { StepInput } from 'ring3';
import type { World } from '../exercise.ts';
import { plan as right } from '../solution.ts';

export function plan(world: World): StepInput[] {
  return right(world).map((step): StepInput => {
    if (step.step === 'idMap') return { ...step, setgroups: 'allow' };
    return step;
  });
}
