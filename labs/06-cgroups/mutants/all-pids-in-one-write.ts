// loses: v2-tree — moves the supervisor's processes in one go, because the file lists them that way when read
import type { CgroupOp, Host, Limits } from '../exercise.ts';
import { limit as right, write } from '../solution.ts';
export { explain, freeze, kill, remove, thaw } from '../solution.ts';

const moves = (op: CgroupOp) => op.op === 'write' && op.path.endsWith('/cgroup.procs');

export function limit(host: Host, limits: Limits): CgroupOp[] {
  const ops = right(host, limits);
  if (host.version === 1 || host.members.length === 0) return ops;
  const first = ops.findIndex(moves);
  const together = write(`${host.base}/${limits.name}.supervisor/cgroup.procs`, host.members.join('\n'));
  return [...ops.slice(0, first), together, ...ops.slice(first).filter((op) => !moves(op))];
}
