// loses: join — as if one had a pid only once the child runs: `echo $PID >cgroup.procs` is how it is done by hand
import type { CgroupOp, Host, Limits } from '../exercise.ts';
import { limit as right } from '../solution.ts';
export { explain, freeze, kill, remove, thaw } from '../solution.ts';

export function limit(host: Host, limits: Limits): CgroupOp[] {
  const ops = right(host, limits);
  const joins = ops.filter(({ op }) => op === 'join');
  return [...ops.filter(({ op }) => op !== 'join'), ...joins];
}
