// loses: lock — the lock comes last, when nobody is left who may turn it
import type { Capability } from 'ring3';
import type { Become, PrivilegeStep } from '../exercise.ts';
import { drop as right } from '../solution.ts';

export { afterExec } from '../solution.ts';

export function drop(keep: Capability[], become: Become): PrivilegeStep[] {
  const steps = right(keep, { ...become, lock: [] });
  if (become.lock.length === 0) return steps;
  return [...steps, { step: 'securebits', set: become.lock }];
}
