// loses: fresh-proc — a pid namespace hides the processes, so why mount anything?
import type { StepInput } from 'ring3';
import type { World } from '../exercise.ts';
import { plan as right } from '../solution.ts';

export function plan(world: World): StepInput[] {
  return right(world).filter((step) => step.step !== 'mount');
}
