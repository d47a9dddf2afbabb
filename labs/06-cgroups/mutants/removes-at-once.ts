// loses: remove — everybody has been killed, so the group must be empty; dying takes longer than that
import type { CgroupOp, Host } from '../exercise.ts';
import { directories, rmdir } from '../solution.ts';
export { explain, freeze, kill, limit, thaw } from '../solution.ts';

export function remove(host: Host, name: string): CgroupOp[] {
  return directories(host, name).map(rmdir);
}
