// loses: binds — read-only in a second step, as mount --bind and remount,ro do it: the mounts below stay writable
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { rootfs as right } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  const ours = new Set(spec.binds.map(({ target }) => `${spec.root}${target}`));
  return right(spec).flatMap((step): StepInput[] =>
    step.step === 'bind' && ours.has(step.target)
      ? [
          { ...step, attributes: [] },
          { step: 'attributes', target: step.target, set: step.attributes ?? [] },
        ]
      : [step],
  );
}
