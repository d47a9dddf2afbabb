/**
 * What this host offers in cgroups, found out by looking: which version carries which controller, and where we may
 * create groups of our own. Never from the kernel's configuration: a container or a session is often given less.
 */
import { posix } from 'node:path';
import { cgroupMounts, directoryOf, memberships, type CgroupMount, type Membership } from './mounts.ts';
import { thisMachine, type View } from './view.ts';

export interface CgroupHost {
  layout: 'v1' | 'v2' | 'hybrid' | 'none';
  v1: V1Hierarchy[];
  v2?: V2Tree;
}

/** One v1 hierarchy; controllers that are mounted together (cpu,cpuacct) share its groups. */
export interface V1Hierarchy {
  controllers: string[];
  mount: string;
  /** Groups are made below our own one, so that the limits that hold for us hold for them too. */
  parent: string;
  /** Why nothing can be created there. */
  problem?: string;
  /** The memory controller also counts swap here (memory.memsw.*; not with `swapaccount=0`). */
  swap: boolean;
}

export interface V2Tree {
  mount: string;
  own: string;
  /** Our own group and those above it, nearest first. */
  places: V2Place[];
}

/** A v2 group below which groups might be made. */
export interface V2Place {
  path: string;
  /** cgroup.controllers: what may be enabled for the groups below; cgroup.subtree_control: what is. */
  available: string[];
  enabled: string[];
  /** Why nothing can be created here. */
  problem?: string;
  /** Why no further controller can be enabled for the groups below. */
  fixed?: 'not writable' | 'occupied';
  /** Groups below get a memory.swap.max (not without CONFIG_SWAP). */
  swap: boolean;
}

export function discoverCgroups(view: View = thisMachine): CgroupHost {
  const mounts = cgroupMounts(view.read('/proc/self/mountinfo') ?? '');
  const own = memberships(view.read('/proc/self/cgroup') ?? '');
  const v1 = own.flatMap((membership) => hierarchy(view, mounts, membership) ?? []);
  const v2 = tree(view, mounts, own);
  const layout = v2 ? (v1.length > 0 ? 'hybrid' : 'v2') : v1.length > 0 ? 'v1' : 'none';
  return { layout, v1, ...(v2 && { v2 }) };
}

function hierarchy(view: View, mounts: CgroupMount[], own: Membership): V1Hierarchy | undefined {
  const { controllers, path } = own;
  // Named hierarchies (name=systemd) carry no controller.
  if (own.version !== 1 || controllers.some((name) => name.includes('='))) return undefined;
  const places = mounts
    .filter((mount) => mount.version === 1 && controllers.every((name) => mount.controllers.includes(name)))
    .flatMap((mount) =>
      [directoryOf(mount, path), mount.path].map((parent) => ({ mount: mount.path, parent })),
    );
  const tried = places.flatMap(({ mount, parent }) =>
    parent === undefined ? [] : [{ mount, parent, refusal: view.refusal(parent) }],
  );
  const best = tried.find(({ refusal }) => refusal === undefined) ?? tried[0];
  if (!best) return undefined;

  const what = `cgroup v1 ${controllers.join(',')} at ${best.parent}`;
  const swap = view.read(posix.join(best.parent, 'memory.memsw.limit_in_bytes')) !== undefined;
  return {
    controllers,
    mount: best.mount,
    parent: best.parent,
    swap,
    ...(best.refusal && { problem: unwritable(what, best.refusal) }),
  };
}

function tree(view: View, mounts: CgroupMount[], own: Membership[]): V2Tree | undefined {
  const path = own.find((membership) => membership.version === 2)?.path;
  const shown = mounts
    .filter((mount) => mount.version === 2)
    .map((mount) => ({ mount: mount.path, own: path === undefined ? undefined : directoryOf(mount, path) }));
  const best = shown.find((each) => each.own !== undefined && !view.refusal(each.own)) ?? shown[0];
  if (!best) return undefined;

  const start = best.own ?? best.mount;
  const places: V2Place[] = [];
  for (let at = start; ; at = posix.dirname(at)) {
    places.push(place(view, at));
    if (at === best.mount) break;
  }
  return { mount: best.mount, own: start, places };
}

function place(view: View, path: string): V2Place {
  const read = (file: string) => view.read(posix.join(path, file));
  const words = (file: string) => read(file)?.split(/\s+/).filter(Boolean) ?? [];
  // The kernel gives the true root no cgroup.type; the root that a container is shown has one.
  const type = read('cgroup.type')?.trim();
  const occupied = type !== undefined && (read('cgroup.procs') ?? '').trim() !== '';
  const fixed = view.refusal(posix.join(path, 'cgroup.subtree_control'))
    ? 'not writable'
    : occupied
      ? 'occupied'
      : '';
  const problem = placeProblem(view, path, type);
  const swap = read('memory.swap.max') !== undefined || (!type && view.read('/proc/swaps') !== undefined);
  return {
    path,
    available: words('cgroup.controllers'),
    enabled: words('cgroup.subtree_control'),
    swap,
    ...(fixed && { fixed }),
    ...(problem && { problem }),
  };
}

/**
 * Moving a process takes the right to write the cgroup.procs of the nearest group above both ends (cgroups(7),
 * "Delegation containment"), and every place is above or at our own group: so it is that of the place.
 */
function placeProblem(view: View, path: string, type: string | undefined): string | undefined {
  const what = `cgroup v2 at ${path}`;
  const refusal = view.refusal(path) ?? view.refusal(posix.join(path, 'cgroup.procs'));
  if (refusal) return unwritable(what, refusal);
  if (type && type !== 'domain') return `${what} is ${type}: only threads can be placed below it`;
  return undefined;
}

function unwritable(what: string, refusal: string): string {
  if (refusal === 'EROFS') return `${what} is mounted read-only`;
  return `${what} is not writable (${refusal})`;
}
