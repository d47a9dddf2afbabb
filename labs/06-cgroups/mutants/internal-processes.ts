// loses: v2-tree — enables the controllers where ring3's own processes are: works as root in the root, and only there
import type { CgroupOp, Host, Limits } from '../exercise.ts';
import { limit as right } from '../solution.ts';
export { explain, freeze, kill, remove, thaw } from '../solution.ts';

export function limit(host: Host, limits: Limits): CgroupOp[] {
  return right(host.version === 2 ? { ...host, members: [] } : host, limits);
}
