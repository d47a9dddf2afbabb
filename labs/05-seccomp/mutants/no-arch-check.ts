// loses: arch-check — the filter is loaded by a 64-bit program, so whose calls should it see?
import type { Instruction } from 'ring3';
import type { Policy } from '../exercise.ts';
import { compile as right } from '../solution.ts';

export { assemble, compileFast, plan } from '../solution.ts';

export function compile(policy: Policy): Instruction[] {
  return right(policy).slice(3);
}
