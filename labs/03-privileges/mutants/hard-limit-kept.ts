// loses: limits — ulimit -S, and the program raises it again
import type { Capability } from 'ring3';
import type { Become, PrivilegeStep } from '../exercise.ts';
import { drop as right } from '../solution.ts';

export { afterExec } from '../solution.ts';

export function drop(keep: Capability[], become: Become): PrivilegeStep[] {
  return right(keep, become).map((step): PrivilegeStep => {
    if (step.step !== 'rlimit') return step;
    const limit = become.limits.find(({ resource }) => resource === step.resource);
    return { ...step, hard: limit!.now.hard };
  });
}
