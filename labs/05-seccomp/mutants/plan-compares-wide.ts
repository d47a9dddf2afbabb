// loses: libseccomp — libseccomp knows what is an int
import type { FilterPlan, Policy } from '../exercise.ts';
import { plan as right } from '../solution.ts';

export { assemble, compile, compileFast } from '../solution.ts';

export function plan(policy: Policy): FilterPlan {
  const { rules, ...rest } = right(policy);
  const wide = rules.map((rule) => ({
    ...rule,
    comparisons: rule.comparisons.map(({ argument, op, value, masked }) =>
      op === 'MASKED_EQ' && value === 0xffff_ffffn
        ? { argument, op: 'EQ' as const, value: masked ?? 0n }
        : { argument, op, value, ...(masked !== undefined && { masked }) },
    ),
  }));
  return { ...rest, rules: wide };
}
