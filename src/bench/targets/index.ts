/** All targets, in the order in which tables show them. */
import type { Target } from '../target.ts';
import { bwrap } from './bwrap.ts';
import { cgroupTarget } from './cgroup.ts';
import { idmap, namespaceTargets } from './namespaces.ts';
import { plain } from './plain.ts';
import { privileges } from './privileges.ts';
import { rootfs } from './rootfs.ts';
import { runc } from './runc.ts';
import { seccomp } from './seccomp.ts';
import { all, allLimited } from './together.ts';
import { unshare } from './unshare.ts';

export const targets: readonly Target[] = [
  plain,
  ...namespaceTargets,
  idmap,
  rootfs,
  cgroupTarget,
  privileges,
  seccomp,
  all,
  allLimited,
  unshare,
  bwrap,
  runc,
];

/** The targets of these names, and `plain`, without which there is nothing to compare with. All, when none is named. */
export function chooseTargets(names: readonly string[]): Target[] {
  if (names.length === 0) return [...targets];
  const unknown = names.find((name) => !targets.some((target) => target.name === name));
  if (unknown !== undefined) {
    const known = targets.map(({ name }) => name).join(', ');
    throw new Error(`There is no target ${unknown}. Targets are: ${known}.`);
  }
  return targets.filter(({ name }) => name === 'plain' || names.includes(name));
}
