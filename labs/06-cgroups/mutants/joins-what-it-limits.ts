// loses: v1-tree — joins only the trees in which a limit was set, so that nothing can freeze or kill the child later
import type { CgroupOp, Host, Limits } from '../exercise.ts';
import { limit as right } from '../solution.ts';
export { explain, freeze, kill, remove, thaw } from '../solution.ts';

export function limit(host: Host, limits: Limits): CgroupOp[] {
  const ops = right(host, limits);
  if (host.version === 2) return ops;
  return ops.filter((op) => op.op !== 'join' || !op.path.startsWith(`${host.bases.freezer}/`));
}
