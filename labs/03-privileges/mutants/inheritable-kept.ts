// loses: inheritable — the three sets of capset look as if they belonged together (CVE-2022-24769)
import type { Capability } from 'ring3';
import type { Become, PrivilegeStep } from '../exercise.ts';
import { drop as right } from '../solution.ts';

export { afterExec } from '../solution.ts';

export function drop(keep: Capability[], become: Become): PrivilegeStep[] {
  return right(keep, become).map((step): PrivilegeStep => {
    return step.step === 'capabilities' ? { ...step, inheritable: keep } : step;
  });
}
