// loses: propagation — makes / private and forgets that every mount has a propagation type of its own
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { rootfs as right } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  return right(spec).map((step) => (step.step === 'propagation' ? { ...step, recursive: false } : step));
}
