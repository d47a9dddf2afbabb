// loses: halves — the high half comes first, as one writes it
import type { Instruction } from 'ring3';
import type { Policy } from '../exercise.ts';
import { compile as right } from '../solution.ts';

export { assemble, compileFast, plan } from '../solution.ts';

/** Loads beyond the instruction pointer are loads of arguments. */
export function compile(policy: Policy): Instruction[] {
  return right(policy).map((one) => (one.code === 0x20 && one.k >= 16 ? { ...one, k: one.k ^ 4 } : one));
}
