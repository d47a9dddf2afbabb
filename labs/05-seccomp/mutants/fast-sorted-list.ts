// loses: tree — the frequent calls first, and the others do not matter
import type { Instruction } from 'ring3';
import type { Policy, Share } from '../exercise.ts';
import { compile } from '../solution.ts';

export { assemble, compile, plan } from '../solution.ts';

export function compileFast(policy: Policy, shares: Share[]): Instruction[] {
  const share = new Map(shares.map((one) => [one.syscall, one.share]));
  const rules = policy.rules.toSorted((a, b) => (share.get(b.syscall) ?? 0) - (share.get(a.syscall) ?? 0));
  const frame = compile({ ...policy, rules: [] });
  // Of each rule: load the number, compare, jump, return. Here the number stays loaded.
  const list = rules.flatMap((rule) => {
    const answer = compile({ ...policy, rules: [rule] }).at(-2) as Instruction;
    return [{ code: 0x15, jt: 0, jf: 1, k: rule.syscall }, answer];
  });
  return [...frame.slice(0, -1), ...list, ...frame.slice(-1)];
}
