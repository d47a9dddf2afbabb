// loses: v1-limits — the larger limit first looks safer, but memory is still unlimited then, and the sum may not be less
import type { CgroupOp, Host, Limits } from '../exercise.ts';
import { limit as right } from '../solution.ts';
export { explain, freeze, kill, remove, thaw } from '../solution.ts';

const isSum = (op: CgroupOp) => op.op === 'write' && op.path.includes('memsw');

export function limit(host: Host, limits: Limits): CgroupOp[] {
  const ops = right(host, limits);
  const sum = ops.find(isSum);
  return sum
    ? ops.flatMap((op) =>
        isSum(op) ? [] : op.op === 'write' && op.path.includes('memory.limit') ? [sum, op] : [op],
      )
    : ops;
}
