// loses: pivot — binds the image without what is mounted in it: the bind was only to make it a mount point
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { rootfs as right } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  return right(spec).map((step) =>
    step.step === 'bind' && step.source === spec.root ? { ...step, recursive: false } : step,
  );
}
