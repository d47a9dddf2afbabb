// loses: join — the group is made and joined in time, its limits are set when there is something to limit
import type { CgroupOp, Host, Limits } from '../exercise.ts';
import { limit as right } from '../solution.ts';
export { explain, freeze, kill, remove, thaw } from '../solution.ts';

export function limit(host: Host, limits: Limits): CgroupOp[] {
  const ops = right(host, limits);
  const isLimit = (op: CgroupOp) => op.op === 'write' && op.path.includes(`/${limits.name}/`);
  return [...ops.filter((op) => !isLimit(op)), ...ops.filter(isLimit)];
}
