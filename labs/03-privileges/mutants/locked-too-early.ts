// loses: lock — one step for all securebits, at the place where the first was needed
import type { Capability } from 'ring3';
import type { Become, PrivilegeStep } from '../exercise.ts';
import { drop as right } from '../solution.ts';

export { afterExec } from '../solution.ts';

export function drop(keep: Capability[], become: Become): PrivilegeStep[] {
  if (become.lock.length === 0) return right(keep, become);
  const steps = right(keep, { ...become, lock: [] });
  return steps.map((step) =>
    step.step === 'securebits' ? { ...step, set: [...step.set, ...become.lock] } : step,
  );
}
