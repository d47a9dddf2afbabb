import type { Capability } from 'ring3';
import type { Become, Credentials, PrivilegeStep, ProgramFile } from './exercise.ts';

export function drop(keep: Capability[], become: Become): PrivilegeStep[] {
  const { uid, gid, groups, limits, lock } = become;
  // Root has its bounding set by being root. Anybody else carries capabilities over exec in the ambient set only.
  const ambient = uid === 0 ? [] : keep;
  const exactly: PrivilegeStep = {
    step: 'capabilities',
    effective: keep,
    permitted: keep,
    inheritable: ambient,
  };
  return [
    ...limits.map(({ resource, wanted }): PrivilegeStep => ({
      step: 'rlimit',
      resource,
      soft: wanted,
      hard: wanted,
    })),
    { step: 'securebits', set: ['keep-caps'] },
    { step: 'boundingSet', keep },
    { step: 'groups', gids: groups },
    { step: 'gid', gid },
    { step: 'uid', uid },
    ...(lock.length === 0
      ? [exactly, ambientSet(ambient)]
      : [
          withSetpcap(keep, ambient),
          ambientSet(ambient),
          { step: 'securebits', set: lock } as const,
          exactly,
        ]),
    { step: 'noNewPrivs' },
  ];
}

function ambientSet(set: Capability[]): PrivilegeStep {
  return { step: 'ambientSet', set };
}

/** Locking needs CAP_SETPCAP once more, after the ambient set that it would forbid. */
function withSetpcap(keep: Capability[], inheritable: Capability[]): PrivilegeStep {
  const more: Capability[] = [...new Set<Capability>([...keep, 'CAP_SETPCAP'])];
  return { step: 'capabilities', effective: more, permitted: more, inheritable };
}

export function afterExec(process: Credentials, file: ProgramFile): Credentials | 'EPERM' {
  const { real } = process.uids;
  const honoured = !file.nosuid;
  const changes = file.setuid && honoured && !process.noNewPrivs;
  const user = changes ? file.owner : process.uids.effective;
  const rights = honoured ? file.capabilities : undefined;

  const fromFile = rights
    ? (process.inheritable & rights.inheritable) | (process.bounding & rights.permitted)
    : 0n;
  // The file claims to know what it gets. Without all of it, it might fail half-way: better not at all.
  if (rights?.effective && (rights.permitted & ~fromFile) !== 0n) return 'EPERM';

  const isRoot = !process.noroot && (user === 0 || real === 0);
  // A setuid-root program that has file capabilities gets those only, unless root itself runs it.
  const asRoot = isRoot && !(rights && user === 0 && real !== 0);
  const gained = asRoot ? process.inheritable | process.bounding : fromFile;
  const allowed = process.noNewPrivs ? gained & process.permitted : gained;

  const ambient = rights || user !== real ? 0n : process.ambient;
  const permitted = allowed | ambient;
  const effective = (asRoot && user === 0) || rights?.effective ? permitted : ambient;
  return { ...process, uids: { real, effective: user, saved: user }, permitted, effective, ambient };
}
