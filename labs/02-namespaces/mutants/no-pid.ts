// loses: own-pid — /proc is mounted afresh, which ought to hide the others
import type { StepInput } from 'ring3';
import type { World } from '../exercise.ts';
import { plan as right } from '../solution.ts';

export function plan(world: World): StepInput[] {
  return right(world).map((step): StepInput => {
    if (step.step === 'namespaces') return { ...step, types: step.types.filter((type) => type !== 'pid') };
    return step;
  });
}
