/** What a process may do, taken away in the one order that works (capabilities(7), credentials(7)). */
import type { Capability } from '../linux/capabilities.ts';
import type { Resource } from '../linux/resources.ts';
import type { Securebit, StepInput } from './plan.ts';

/**
 * What root of a container still needs. Each of these is answered by the container's own user namespace, so that it
 * reaches only ids, files and ports of the container. Left out on purpose:
 * SYS_ADMIN (mounts, and most kernel bugs that a namespace exposes: CVE-2022-0185) · NET_ADMIN (netfilter:
 * CVE-2024-1086) · NET_RAW (packet sockets: CVE-2020-14386, and spoofing of neighbours) · SYS_CHROOT (half of the
 * classic break-out) · MKNOD (no device works below a user namespace anyway) · SETFCAP and AUDIT_WRITE (nothing that
 * runs needs the first, and no user namespace but the first honours the second) · DAC_READ_SEARCH (open_by_handle_at).
 */
export const DEFAULT_CAPABILITIES: readonly Capability[] = [
  'CAP_CHOWN', // install, tar -x: hand files to their owners
  'CAP_DAC_OVERRIDE', // root reads and writes its users' files
  'CAP_FOWNER', // and changes their modes and times
  'CAP_FSETID', // without losing the setgid bit of a folder
  'CAP_KILL', // stop the service that it has started as another user
  'CAP_SETGID', // su, and every server that starts as root and then
  'CAP_SETUID', // becomes somebody else
  'CAP_SETPCAP', // give up more than we have taken: drop from the bounding set
  'CAP_NET_BIND_SERVICE', // ports below 1024 of its own network
];

export interface Limit {
  soft: number | 'unlimited';
  hard: number | 'unlimited';
}

export interface PrivilegeSpec {
  /** The most that any process of this world can ever have: the bounding set. Root has all of it. */
  keep: readonly Capability[];
  /** What a user other than root has nevertheless, across exec (ambient set). Empty by default. */
  ambient?: readonly Capability[];
  /** Unchanged where absent; a `uid` other than 0 loses all but `ambient`. */
  uid?: number;
  gid?: number;
  /** Supplementary groups. Absent: unchanged, which is all that a map with setgroups denied permits. */
  groups?: readonly number[];
  /** True by default: no setuid bit and no file capability gives anything any more. */
  noNewPrivs?: boolean;
  securebits?: readonly Securebit[];
  rlimits?: Partial<Record<Resource, Limit>>;
  umask?: number;
}

/**
 * The order matters, because each step needs a right that a later one takes away:
 * limits while CAP_SYS_RESOURCE may still raise one; securebits and bounding set while there is CAP_SETPCAP; groups
 * before gid before uid, because leaving uid 0 clears CAP_SETGID and CAP_SETUID; the three sets after the uid,
 * which changes them; ambient after inheritable, of which it must be a subset. no_new_privs needs no right, and comes
 * last of all so that a seccomp filter may follow.
 */
export function dropPrivileges(spec: PrivilegeSpec): StepInput[] {
  const root = (spec.uid ?? 0) === 0;
  const ambient = [...(spec.ambient ?? [])];
  const kept = root ? [...spec.keep] : ambient;
  return [
    ...limitSteps(spec),
    { step: 'securebits', set: securebitsFor(spec, ambient) },
    { step: 'boundingSet', keep: [...new Set([...spec.keep, ...ambient])] },
    ...idSteps(spec),
    // Nothing inheritable but what is ambient: a file with inheritable capabilities would give it back (CVE-2022-24769).
    { step: 'capabilities', effective: kept, permitted: kept, inheritable: ambient },
    { step: 'ambientSet', set: ambient },
    ...(spec.noNewPrivs === false ? [] : [{ step: 'noNewPrivs' } as const]),
  ];
}

function limitSteps({ rlimits = {}, umask }: PrivilegeSpec): StepInput[] {
  const limits = Object.entries(rlimits) as [Resource, Limit][];
  const steps: StepInput[] = limits.map(([resource, limit]) => ({ step: 'rlimit', resource, ...limit }));
  return umask === undefined ? steps : [...steps, { step: 'umask', mask: umask }];
}

/** keep-caps carries the permitted set over the change of uid, long enough to make it ambient; exec clears the bit. */
function securebitsFor(spec: PrivilegeSpec, ambient: readonly Capability[]): Securebit[] {
  const leavesRoot = (spec.uid ?? 0) !== 0;
  const needed: Securebit[] = leavesRoot && ambient.length > 0 ? ['keep-caps'] : [];
  return [...new Set([...(spec.securebits ?? []), ...needed])];
}

function idSteps({ uid, gid, groups }: PrivilegeSpec): StepInput[] {
  const steps: StepInput[] = [];
  if (groups !== undefined) steps.push({ step: 'groups', gids: [...groups] });
  if (gid !== undefined) steps.push({ step: 'gid', gid });
  if (uid !== undefined) steps.push({ step: 'uid', uid });
  return steps;
}
