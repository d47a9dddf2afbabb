// loses: propagation — a mount namespace of its own sounds like the end of all sharing
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { rootfs as right } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  return right(spec).filter(({ step }) => step !== 'propagation');
}
