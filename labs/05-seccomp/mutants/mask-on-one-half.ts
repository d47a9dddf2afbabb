// loses: masked — masks are flags, and flags are small
import type { Instruction } from 'ring3';
import type { Condition, Policy } from '../exercise.ts';
import { compile as right } from '../solution.ts';

export { assemble, compileFast, plan } from '../solution.ts';

const WORD = 0xffff_ffffn;

function narrow(one: Condition): Condition {
  if (one.op !== 'masked' || one.mask === undefined) return one;
  return { ...one, width: 32, mask: one.mask & WORD, value: one.value & WORD };
}

export function compile(policy: Policy): Instruction[] {
  const rules = policy.rules.map((rule) => ({ ...rule, when: rule.when.map((all) => all.map(narrow)) }));
  return right({ ...policy, rules });
}
