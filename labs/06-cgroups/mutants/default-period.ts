// loses: v1-limits, v2-limits, real-limits — reckons the quota of the period asked for, and leaves the period at its default
import type { CgroupOp, Host, Limits } from '../exercise.ts';
import { limit as right } from '../solution.ts';
export { explain, freeze, kill, remove, thaw } from '../solution.ts';

export function limit(host: Host, limits: Limits): CgroupOp[] {
  return right(host, limits).flatMap((op): CgroupOp[] => {
    if (op.op !== 'write') return [op];
    if (op.path.endsWith('cpu.cfs_period_us')) return [];
    return op.path.endsWith('cpu.max') ? [{ ...op, value: op.value.split(' ')[0] as string }] : [op];
  });
}
