// loses: kill — relies on cgroup.kill, which every v2 tree has on the writer's own machine
import type { CgroupOp, Host } from '../exercise.ts';
import { kill as right, write } from '../solution.ts';
export { explain, freeze, limit, remove, thaw } from '../solution.ts';

export function kill(host: Host, name: string): CgroupOp[] {
  return host.version === 1 ? right(host, name) : [write(`${host.base}/${name}/cgroup.kill`, 1)];
}
