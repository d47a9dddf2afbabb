// loses: int-width — a register has 64 bits: CVE-2019-10063
import type { Instruction } from 'ring3';
import type { Condition, Policy } from '../exercise.ts';
import { compile as right } from '../solution.ts';

export { assemble, compileFast, plan } from '../solution.ts';

const widen = (one: Condition): Condition => ({ ...one, width: 64 });

export function compile(policy: Policy): Instruction[] {
  const rules = policy.rules.map((rule) => ({ ...rule, when: rule.when.map((all) => all.map(widen)) }));
  return right({ ...policy, rules });
}
