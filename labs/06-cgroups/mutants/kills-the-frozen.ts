// loses: kill — freezes, signals everybody, and is done; on v1 a frozen process never gets to see its signal
import type { CgroupOp, Host } from '../exercise.ts';
import { freeze, signal, write } from '../solution.ts';
export { explain, freeze, limit, remove, thaw } from '../solution.ts';

export function kill(host: Host, name: string): CgroupOp[] {
  if (host.version === 2 && host.killFile) return [write(`${host.base}/${name}/cgroup.kill`, 1)];
  const group = host.version === 1 ? `${host.bases.freezer}/${name}` : `${host.base}/${name}`;
  return [...freeze(host, name), signal(`${group}/cgroup.procs`)];
}
