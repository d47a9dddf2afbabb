// loses: shifted — the line that made the other world work, copied to this one
import type { StepInput } from 'ring3';
import type { World } from '../exercise.ts';
import { plan as right } from '../solution.ts';

export function plan(world: World): StepInput[] {
  return right(world).map((step): StepInput => {
    if (step.step === 'idMap') return { ...step, setgroups: 'deny' };
    return step;
  });
}
