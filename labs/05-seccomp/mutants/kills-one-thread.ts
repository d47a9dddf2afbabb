// loses: actions, arch-check — SECCOMP_RET_KILL is the old name, of the action that kills one thread
import type { Instruction } from 'ring3';
import type { Policy } from '../exercise.ts';
import { compile as right } from '../solution.ts';

export { assemble, compileFast, plan } from '../solution.ts';

export function compile(policy: Policy): Instruction[] {
  return right(policy).map((one) => (one.code === 6 && one.k === 0x8000_0000 ? { ...one, k: 0 } : one));
}
