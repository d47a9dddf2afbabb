// loses: masks — takes every right away from the place, and reading is not one of them
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { rootfs as right } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  return right(spec).map((step) =>
    step.step === 'mask'
      ? { step: 'attributes', target: step.path, set: ['ro', 'nosuid', 'nodev', 'noexec'], optional: true }
      : step,
  );
}
