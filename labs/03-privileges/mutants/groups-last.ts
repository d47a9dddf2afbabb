// loses: groups — the groups are the last thing in the manual page too
import type { Capability } from 'ring3';
import type { Become, PrivilegeStep } from '../exercise.ts';
import { drop as right } from '../solution.ts';

export { afterExec } from '../solution.ts';

const ORDER = ['gid', 'uid', 'groups'];

export function drop(keep: Capability[], become: Become): PrivilegeStep[] {
  const steps = right(keep, become);
  const places = steps.flatMap(({ step }, at) => (ORDER.includes(step) ? [at] : []));
  const sorted = ORDER.flatMap((name) => steps.filter(({ step }) => step === name));
  places.forEach((place, at) => (steps[place] = sorted[at]!));
  return steps;
}
