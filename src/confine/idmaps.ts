/**
 * User and group id maps: who the child's ids are on the host (user_namespaces(7)).
 *
 * Three cases, best first: whoever may map any id shifts the child's ids to a range that nobody else uses; an ordinary
 * user with a range in /etc/subuid and /etc/subgid maps root to himself and the rest there, through newuidmap;
 * an ordinary user without one maps a single id.
 */
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { capabilityMask } from '../linux/capabilities.ts';
import { contained, end, existing, overlap, type Range, subIds } from './idranges.ts';
import type { IdRange, StepInput } from './plan.ts';

/** Enough for every id that distributions hand out: nobody is 65534. */
const CONTAINER_IDS = 0x1_0000;

/**
 * Above the ids that systemd hands to users, services (61184–65519) and containers (524288–1879048191), and below 2^31,
 * where programs that keep an id in an int go wrong (systemd's docs/UIDS-GIDS.md).
 */
const DEFAULT_BASE = 0x7000_0000;
const LAST_BASE = 0x7fff_0000;

export interface User {
  uid: number;
  gid: number;
  /** May it write any map: has it CAP_SETUID and CAP_SETGID? That, and not the number 0, is what the kernel asks. */
  root: boolean;
  name?: string;
}

/** What the choice depends on, so that a test can say it. Texts are the files' content, '' where there is none. */
export interface IdSources {
  subuid: string;
  subgid: string;
  /** /proc/self/uid_map and gid_map: which ids exist at all where we run, which may be inside a container. */
  uidMap: string;
  gidMap: string;
  /** /proc/self/setgroups: a denial is inherited and cannot be taken back. */
  setgroups: string;
  /** newuidmap and newgidmap are there and can gain the privilege that they need. */
  helpers: boolean;
}

export interface IdMaps {
  step: Extract<StepInput, { step: 'idMap' }>;
  /** For people: what the map means. */
  describe: string;
}

/** The maps for a child of `user` that has a user namespace of its own. */
export function hostIdMaps(user: User = currentUser(), sources: IdSources = readSources()): IdMaps {
  if (user.root) return shiftedMaps(user, sources);
  const uids = ownRange(sources.subuid, user);
  const gids = ownRange(sources.subgid, user);
  if (sources.helpers && uids && gids) return helperMaps(user, uids, gids);
  return singleMaps(user);
}

/**
 * To stand before the first step that makes a file: the child starts with its parent's ids, and where the map does not
 * contain them the kernel refuses to make an inode for it (EOVERFLOW). Root of the namespace is what it becomes.
 */
export function becomeRoot(maps: IdMaps): StepInput[] {
  const groups: StepInput[] = maps.step.setgroups === 'allow' ? [{ step: 'groups', gids: [] }] : [];
  return [...groups, { step: 'gid', gid: 0 }, { step: 'uid', uid: 0 }];
}

export function currentUser(): User {
  const uid = process.geteuid!();
  const status = readText('/proc/self/status');
  const effective = BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(status)?.[1] ?? '0'}`);
  const needed = capabilityMask(['CAP_SETUID', 'CAP_SETGID']);
  const user: User = { uid, gid: process.getegid!(), root: (effective & needed) === needed };
  const name = nameOfUser();
  return name === undefined ? user : { ...user, name };
}

function shiftedMaps(user: User, sources: IdSources): IdMaps {
  const uids = shiftedRange(sources.subuid, sources.uidMap, user);
  const gids = shiftedRange(sources.subgid, sources.gidMap, user);
  return {
    step: {
      step: 'idMap',
      uid: [{ inside: 0, outside: uids.start, count: uids.count }],
      gid: [{ inside: 0, outside: gids.start, count: gids.count }],
      setgroups: sources.setgroups.trim() === 'deny' ? 'deny' : 'allow',
    },
    describe: `ids 0–${uids.count - 1} are ${uids.start}–${uids.start + uids.count - 1} on the host: nobody there`,
  };
}

/**
 * Root's own entry in /etc/subuid was set aside for this. Else the default range, moved past every entry that it would
 * overlap. Where such ids do not exist, because we are in a container ourselves, the upper half of those that do.
 */
function shiftedRange(entries: string, map: string, user: User): Range {
  const exists = existing(map);
  const own = ownRange(entries, user, CONTAINER_IDS);
  if (own && contained(own, exists)) return { start: own.start, count: CONTAINER_IDS };

  const taken = subIds(entries);
  const free = { start: DEFAULT_BASE, count: CONTAINER_IDS };
  for (let clash = overlap(taken, free); clash && free.start < LAST_BASE; clash = overlap(taken, free)) {
    free.start = end(clash);
  }
  if (free.start < LAST_BASE && contained(free, exists)) return free;

  const widest = exists.reduce((best, have) => (have.count > best.count ? have : best));
  const count = Math.min(CONTAINER_IDS, Math.ceil(widest.count / 2));
  return { start: end(widest) - count, count };
}

function helperMaps(user: User, uids: Range, gids: Range): IdMaps {
  // setgroups may stay allowed, because the administrator gave this user groups of his own; for a bare map of one's own
  // gid newgidmap denies it, or a process could drop the group that a file's mode excludes (CVE-2018-7169).
  return {
    step: {
      step: 'idMap',
      uid: withRoot(user.uid, uids),
      gid: withRoot(user.gid, gids),
      setgroups: 'allow',
      via: 'helper',
    },
    describe: `id 0 is you (${user.uid}) on the host, ids from 1 are those from ${uids.start} of /etc/subuid`,
  };
}

function singleMaps(user: User): IdMaps {
  return {
    step: {
      step: 'idMap',
      uid: [{ inside: 0, outside: user.uid, count: 1 }],
      gid: [{ inside: 0, outside: user.gid, count: 1 }],
      setgroups: 'deny',
    },
    describe: `id 0 is you (${user.uid}) on the host; no other id exists, and groups cannot be changed`,
  };
}

function withRoot(own: number, range: Range): IdRange[] {
  return [
    { inside: 0, outside: own, count: 1 },
    { inside: 1, outside: range.start, count: Math.min(range.count, CONTAINER_IDS - 1) },
  ];
}

function ownRange(entries: string, user: User, atLeast = 1): Range | undefined {
  return subIds(entries).find(
    ({ owner, count }) => (owner === user.name || owner === String(user.uid)) && count >= atLeast,
  );
}

function readSources(): IdSources {
  return {
    subuid: readText('/etc/subuid'),
    subgid: readText('/etc/subgid'),
    uidMap: readText('/proc/self/uid_map'),
    gidMap: readText('/proc/self/gid_map'),
    setgroups: readText('/proc/self/setgroups'),
    helpers: helpersWork(),
  };
}

/** The helpers are setuid or carry file capabilities, which is worth nothing under no_new_privs. */
function helpersWork(): boolean {
  const folders = ['/usr/bin', '/bin', '/usr/local/bin', ...(process.env.PATH ?? '').split(':')];
  const installed = (name: string) => folders.some((folder) => folder && existsSync(`${folder}/${name}`));
  const gains = !/^NoNewPrivs:\s*1$/m.test(readText('/proc/self/status'));
  return gains && installed('newuidmap') && installed('newgidmap');
}

function nameOfUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined; // an id that /etc/passwd does not know
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
