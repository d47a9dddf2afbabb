// loses: v1-tree — v1 as if it were v2: one directory, and every controller's files expected in it
import type { CgroupOp, Host, Limits } from '../exercise.ts';
import { create, filesV1, join, limitV2, start } from '../solution.ts';
export { explain, freeze, kill, remove, thaw } from '../solution.ts';

export function limit(host: Host, limits: Limits): CgroupOp[] {
  if (host.version === 2) return limitV2(host, limits);
  const { memory } = host.bases;
  const group = `${memory}/${limits.name}`;
  const one = { ...host, bases: { memory, pids: memory, cpu: memory, freezer: memory } };
  return [create(group), ...filesV1(one, limits), join(group), start];
}
