// loses: v2-tree — empties the base into the only group that there is, so the limits and the kill hit ring3 itself
import type { CgroupOp, Host, Limits } from '../exercise.ts';
import { create, filesV2, join, limitV1, passDown, start, write } from '../solution.ts';
export { explain, freeze, kill, remove, thaw } from '../solution.ts';

export function limit(host: Host, limits: Limits): CgroupOp[] {
  if (host.version === 1) return limitV1(host, limits);
  const group = `${host.base}/${limits.name}`;
  const inside = host.members.map((pid) => write(`${group}/cgroup.procs`, pid));
  const enable = passDown({ ...host, members: [] }, limits);
  return [create(group), ...inside, ...enable, ...filesV2(host, limits), join(group), start];
}
