// loses: v1-limits — takes memsw for the swap alone; it is memory and swap together
import type { CgroupOp, Host, Limits } from '../exercise.ts';
import { limit as right } from '../solution.ts';
export { explain, freeze, kill, remove, thaw } from '../solution.ts';

export function limit(host: Host, limits: Limits): CgroupOp[] {
  return right(host, limits).map((op) =>
    op.op === 'write' && op.path.includes('memsw') ? { ...op, value: String(limits.swap ?? 0) } : op,
  );
}
