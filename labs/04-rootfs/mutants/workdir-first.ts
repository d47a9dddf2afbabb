// loses: pivot — goes to the working directory by its path on the host; the pivot ends in /
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { rootfs as right } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  const steps = right(spec).filter(({ step }) => step !== 'workdir');
  const pivot = steps.findIndex(({ step }) => step === 'pivotRoot');
  return [
    ...steps.slice(0, pivot),
    { step: 'workdir', path: `${spec.root}${spec.workdir}` },
    ...steps.slice(pivot),
  ];
}
