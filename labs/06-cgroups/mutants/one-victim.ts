// loses: v2-limits — without memory.oom.group the kernel kills one process, and the rest goes on with half a program
import type { CgroupOp, Host, Limits } from '../exercise.ts';
import { limit as right } from '../solution.ts';
export { explain, freeze, kill, remove, thaw } from '../solution.ts';

export function limit(host: Host, limits: Limits): CgroupOp[] {
  return right(host, limits).filter((op) => op.op !== 'write' || !op.path.endsWith('memory.oom.group'));
}
