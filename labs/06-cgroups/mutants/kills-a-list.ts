// loses: kill — the processes of the group are listed in a file, so one kills what is listed
import type { CgroupOp, Host } from '../exercise.ts';
import { signal } from '../solution.ts';
export { explain, freeze, limit, remove, thaw } from '../solution.ts';

export function kill(host: Host, name: string): CgroupOp[] {
  const group = host.version === 1 ? `${host.bases.freezer}/${name}` : `${host.base}/${name}`;
  const list = signal(`${group}/cgroup.procs`);
  // Three times, to be sure.
  return [list, list, list];
}
