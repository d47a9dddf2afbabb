// loses: dev — a /dev of its own with the host's /dev/pts in it: every terminal of the host, to read and to type into
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { rootfs as right } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  return right(spec).map((step) =>
    step.step === 'mount' && step.type === 'devpts'
      ? {
          step: 'bind',
          source: '/dev/pts',
          target: step.target,
          recursive: true,
          attributes: ['nosuid', 'noexec'],
        }
      : step,
  );
}
