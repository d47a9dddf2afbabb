// loses: private — a mount namespace of its own sounds like enough
import type { StepInput } from 'ring3';
import type { World } from '../exercise.ts';
import { plan as right } from '../solution.ts';

export function plan(world: World): StepInput[] {
  return right(world).filter((step) => step.step !== 'propagation');
}
