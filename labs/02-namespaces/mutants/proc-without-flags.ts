// loses: fresh-proc — it works without them
import type { StepInput } from 'ring3';
import type { World } from '../exercise.ts';
import { plan as right } from '../solution.ts';

export function plan(world: World): StepInput[] {
  return right(world).map((step): StepInput => {
    if (step.step === 'mount') return { ...step, attributes: [] };
    return step;
  });
}
