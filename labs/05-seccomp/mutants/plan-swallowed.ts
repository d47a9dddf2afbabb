// loses: libseccomp — an exception and a rule for the others, one after the other
import type { FilterPlan, Policy } from '../exercise.ts';
import { plan as right } from '../solution.ts';

export { assemble, compile, compileFast } from '../solution.ts';

/** What libseccomp makes of a rule without comparisons: it takes all calls, the exception’s too. */
export function plan(policy: Policy): FilterPlan {
  const { rules, ...rest } = right(policy);
  const general = policy.rules.filter(({ when }) => when.length === 0);
  const kept = rules.filter(
    ({ syscall, action }) => !general.some((one) => one.syscall === syscall && one.action === action),
  );
  return {
    ...rest,
    rules: [...kept, ...general.map(({ action, syscall }) => ({ action, syscall, comparisons: [] }))],
  };
}
