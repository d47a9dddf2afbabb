// loses: v2-tree — makes and limits the group first, and passes the controllers down when it is needed: too late
import type { CgroupOp, Host, Limits } from '../exercise.ts';
import { create, filesV2, join, limitV1, passDown, start } from '../solution.ts';
export { explain, freeze, kill, remove, thaw } from '../solution.ts';

export function limit(host: Host, limits: Limits): CgroupOp[] {
  if (host.version === 1) return limitV1(host, limits);
  const group = `${host.base}/${limits.name}`;
  return [create(group), ...filesV2(host, limits), ...passDown(host, limits), join(group), start];
}
