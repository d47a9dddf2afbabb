// loses: readonly — seals everything when all is mounted: /dev/shm too, and the binds that should be writable
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { rootfs as right } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  const steps = right({ ...spec, readonly: false });
  if (!spec.readonly) return steps;
  const pivot = steps.findIndex(({ step }) => step === 'pivotRoot');
  const seal: StepInput = { step: 'attributes', target: spec.root, set: ['ro'], recursive: true };
  return [...steps.slice(0, pivot), seal, ...steps.slice(pivot)];
}
