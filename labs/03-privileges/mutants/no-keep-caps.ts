// loses: inheritable, ambient, kept — clears the odd securebits and forgets that the change of user will clear the rest
import type { Capability } from 'ring3';
import type { Become, PrivilegeStep } from '../exercise.ts';
import { drop as right } from '../solution.ts';

export { afterExec } from '../solution.ts';

export function drop(keep: Capability[], become: Become): PrivilegeStep[] {
  return right(keep, become).map((step): PrivilegeStep => {
    return step.step === 'securebits' && step.set.includes('keep-caps') ? { ...step, set: [] } : step;
  });
}
