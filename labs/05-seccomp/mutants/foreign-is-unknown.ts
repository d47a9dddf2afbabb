// loses: arch-check — a call of another architecture is a call that no rule is for
import type { Instruction } from 'ring3';
import type { Policy } from '../exercise.ts';
import { compile as right } from '../solution.ts';

export { assemble, compileFast, plan } from '../solution.ts';

export function compile(policy: Policy): Instruction[] {
  const program = right(policy);
  return program.map((instruction, index) => (index === 2 ? program.at(-1)! : instruction));
}
