// loses: proc — binds the /proc that is there; it shows the processes of the pid namespace that mounted it
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { rootfs as right } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  return right(spec).map((step) =>
    step.step === 'mount' && step.type === 'proc'
      ? {
          step: 'bind',
          source: '/proc',
          target: step.target,
          recursive: true,
          attributes: ['nosuid', 'nodev', 'noexec'],
        }
      : step,
  );
}
