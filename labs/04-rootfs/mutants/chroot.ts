// loses: pivot — chroot is what everybody has heard of, and from inside it looks the same
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { rootfs as right } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  return right(spec).flatMap((step): StepInput[] =>
    step.step === 'pivotRoot'
      ? [
          { step: 'chroot', path: spec.root },
          { step: 'workdir', path: '/' },
        ]
      : [step],
  );
}
