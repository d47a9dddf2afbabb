// loses: proc — a proc holds no programs and no devices, so why forbid them; a bug in it is why
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { rootfs as right } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  return right(spec).map((step) =>
    step.step === 'mount' && step.type === 'proc' ? { ...step, attributes: [] } : step,
  );
}
