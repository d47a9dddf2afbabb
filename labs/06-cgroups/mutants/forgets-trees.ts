// loses: remove — removes the group where it is killed, and leaves it in the other three trees
import type { CgroupOp, Host } from '../exercise.ts';
import { remove as right } from '../solution.ts';
export { explain, freeze, kill, limit, thaw } from '../solution.ts';

export function remove(host: Host, name: string): CgroupOp[] {
  if (host.version === 2) return right(host, name);
  return right(host, name).filter((op) => 'path' in op && op.path.startsWith(`${host.bases.freezer}/`));
}
