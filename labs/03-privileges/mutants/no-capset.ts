// loses: inheritable, ambient, kept — becoming another user drops capabilities, everybody knows that
import type { Capability } from 'ring3';
import type { Become, PrivilegeStep } from '../exercise.ts';
import { drop as right } from '../solution.ts';

export { afterExec } from '../solution.ts';

export function drop(keep: Capability[], become: Become): PrivilegeStep[] {
  return right(keep, become).filter((step) => step.step !== 'capabilities');
}
