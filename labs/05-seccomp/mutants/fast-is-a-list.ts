// loses: tree, hot — the kernel compiles it anyway
import type { Instruction } from 'ring3';
import type { Policy, Share } from '../exercise.ts';
import { compile } from '../solution.ts';

export { assemble, compile, plan } from '../solution.ts';

export function compileFast(policy: Policy, _shares: Share[]): Instruction[] {
  return compile(policy);
}
