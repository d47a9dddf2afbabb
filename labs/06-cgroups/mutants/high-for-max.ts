// loses: v2-limits — memory.high reads like a limit, but beyond it the kernel only slows down and reclaims
import type { CgroupOp, Host, Limits } from '../exercise.ts';
import { limit as right } from '../solution.ts';
export { explain, freeze, kill, remove, thaw } from '../solution.ts';

export function limit(host: Host, limits: Limits): CgroupOp[] {
  return right(host, limits).map((op) =>
    op.op === 'write' ? { ...op, path: op.path.replace(/memory\.max$/, 'memory.high') } : op,
  );
}
