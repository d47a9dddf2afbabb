// loses: halves — on my machine all arguments are small
import type { Instruction } from 'ring3';
import type { Condition, Policy } from '../exercise.ts';
import { compile as right } from '../solution.ts';

export { assemble, compileFast, plan } from '../solution.ts';

const WORD = 0xffff_ffffn;

function narrow(one: Condition): Condition {
  if (one.op !== '==' && one.op !== '!=') return one;
  return { ...one, width: 32, value: one.value & WORD };
}

export function compile(policy: Policy): Instruction[] {
  const rules = policy.rules.map((rule) => ({ ...rule, when: rule.when.map((all) => all.map(narrow)) }));
  return right({ ...policy, rules });
}
