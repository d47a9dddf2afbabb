// loses: hot — all calls are equal
import type { Instruction } from 'ring3';
import type { Policy, Share } from '../exercise.ts';
import { compileFast as right } from '../solution.ts';

export { assemble, compile, plan } from '../solution.ts';

export function compileFast(policy: Policy, shares: Share[]): Instruction[] {
  return right(
    policy,
    shares.map(({ syscall }) => ({ syscall, share: 0 })),
  );
}
