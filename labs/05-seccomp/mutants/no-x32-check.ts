// loses: x32 — the architecture is right, and the number is that of no rule
import type { Instruction } from 'ring3';
import type { Policy } from '../exercise.ts';
import { compile as right } from '../solution.ts';

export { assemble, compileFast, plan } from '../solution.ts';

export function compile(policy: Policy): Instruction[] {
  const program = right(policy);
  return policy.architecture === 'x86-64' ? [...program.slice(0, 4), ...program.slice(6)] : program;
}
