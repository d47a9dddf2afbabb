// loses: v1-limits, v2-limits — memory was asked to be limited, and swap is not memory
import type { CgroupOp, Host, Limits } from '../exercise.ts';
import { limit as right } from '../solution.ts';
export { explain, freeze, kill, remove, thaw } from '../solution.ts';

export function limit(host: Host, limits: Limits): CgroupOp[] {
  return right(host, limits).filter((op) => op.op !== 'write' || !/swap\.max|memsw/.test(op.path));
}
