// loses: freeze — writes FROZEN and returns; the kernel needs a while to catch every process
import type { CgroupOp, Host } from '../exercise.ts';
import { freeze as right } from '../solution.ts';
export { explain, kill, limit, remove, thaw } from '../solution.ts';

export function freeze(host: Host, name: string): CgroupOp[] {
  return right(host, name).filter(({ op }) => op === 'write');
}
