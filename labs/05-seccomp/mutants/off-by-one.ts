// loses: order — jump if greater or equal, or if greater?
import type { Instruction } from 'ring3';
import type { Condition, Policy } from '../exercise.ts';
import { compile as right } from '../solution.ts';

export { assemble, compileFast, plan } from '../solution.ts';

const other = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' } as const;

function confuse(one: Condition): Condition {
  if (one.width === 32 || !(one.op in other)) return one;
  return { ...one, op: other[one.op as keyof typeof other] };
}

export function compile(policy: Policy): Instruction[] {
  const rules = policy.rules.map((rule) => ({ ...rule, when: rule.when.map((all) => all.map(confuse)) }));
  return right({ ...policy, rules });
}
