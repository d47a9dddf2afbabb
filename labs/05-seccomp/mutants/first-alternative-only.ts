// loses: conjunction — the others are there for later
import type { Instruction } from 'ring3';
import type { Policy } from '../exercise.ts';
import { compile as right } from '../solution.ts';

export { assemble, compileFast, plan } from '../solution.ts';

export function compile(policy: Policy): Instruction[] {
  const rules = policy.rules.map((rule) => ({ ...rule, when: rule.when.slice(0, 1) }));
  return right({ ...policy, rules });
}
