// loses: masks — makes a place for every mask first; what the kernel does not have cannot be made, and the image changes
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { directory, rootfs as right } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  return right(spec).flatMap((step) =>
    step.step === 'resolveIn'
      ? [
          step,
          ...spec.masked
            .filter((path) => !path.startsWith('/proc'))
            .map((path) => directory(`${spec.root}${path.slice(0, path.lastIndexOf('/'))}`)),
        ]
      : [step],
  );
}
