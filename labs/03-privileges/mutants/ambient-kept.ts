// loses: inheritable, ambient — root needs no ambient set, so why touch it?
import type { Capability } from 'ring3';
import type { Become, PrivilegeStep } from '../exercise.ts';
import { drop as right } from '../solution.ts';

export { afterExec } from '../solution.ts';

export function drop(keep: Capability[], become: Become): PrivilegeStep[] {
  return right(keep, become)
    .filter(({ step }) => become.uid !== 0 || step !== 'ambientSet')
    .map((step) => (step.step === 'capabilities' ? { ...step, inheritable: keep } : step));
}
