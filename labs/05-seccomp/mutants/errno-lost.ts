// loses: actions — the action is in the upper half; so was the mask
import type { Instruction } from 'ring3';
import type { Policy } from '../exercise.ts';
import { compile as right } from '../solution.ts';

export { assemble, compileFast, plan } from '../solution.ts';

export function compile(policy: Policy): Instruction[] {
  return right(policy).map((one) => (one.code === 6 ? { ...one, k: (one.k & 0xffff_0000) >>> 0 } : one));
}
