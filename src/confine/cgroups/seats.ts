/** Which groups serve a set of needs on a host: per controller the v1 hierarchy or the v2 place. */
import { CgroupError } from './error.ts';
import type { CgroupHost, V1Hierarchy, V2Place } from './host.ts';

/** `account`: CPU time used by the whole group. `freeze`: stop, continue and kill the whole group. */
export type Need = 'memory' | 'pids' | 'cpu' | 'account' | 'freeze';

export interface Seats {
  /** Each hierarchy once. */
  v1: V1Hierarchy[];
  v2?: { place: V2Place; enable: string[] };
}

const V1_CONTROLLER = {
  memory: 'memory',
  pids: 'pids',
  cpu: 'cpu',
  account: 'cpuacct',
  freeze: 'freezer',
} as const;

/** Every v2 group can be frozen, killed and counted without a controller (kernel: cgroup-v2.rst, core files). */
const CORE: readonly Need[] = ['account', 'freeze'];

/**
 * Only what is needed: joining a v1 hierarchy costs 5 to 14 ms when it is the first (the kernel waits for an RCU grace
 * period under cgroup_threadgroup_rwsem), and a core need goes to v2 where there is one, also on a hybrid host.
 *
 * Throws CgroupError when a need cannot be met.
 */
export function seatsFor(host: CgroupHost, needs: readonly Need[]): Seats {
  const v1 = new Set<V1Hierarchy>();
  const v2: string[] = [];
  let core = false;
  for (const need of needs) {
    const hierarchy = host.v1.find((each) => each.controllers.includes(V1_CONTROLLER[need]));
    const usableTree = host.v2?.places.some((place) => !place.problem) ?? false;
    if (CORE.includes(need) && (usableTree || !hierarchy)) core = true;
    else if (hierarchy) v1.add(hierarchy);
    else v2.push(V1_CONTROLLER[need]);
  }
  for (const { problem } of v1) if (problem) throw new CgroupError(problem, unwritableHint(problem, 1));
  return { v1: [...v1], ...((core || v2.length > 0) && { v2: chosenPlace(host, v2) }) };
}

/** Why the needs cannot be met, and what to do; undefined when they can. */
export function whyNot(host: CgroupHost, needs: readonly Need[]): CgroupError | undefined {
  try {
    seatsFor(host, needs);
    return undefined;
  } catch (error) {
    if (error instanceof CgroupError) return error;
    throw error;
  }
}

/**
 * The nearest place that has everything enabled already, since systemd may take back what it did not enable itself;
 * else the nearest where the rest can be enabled.
 */
function chosenPlace(host: CgroupHost, controllers: string[]): NonNullable<Seats['v2']> {
  const usable = host.v2?.places.filter((place) => !place.problem) ?? [];
  const missing = (place: V2Place) => controllers.filter((name) => !place.enabled.includes(name));
  const offers = (place: V2Place) => controllers.every((name) => place.available.includes(name));
  const place =
    usable.find((each) => missing(each).length === 0) ?? usable.find((each) => offers(each) && !each.fixed);
  if (!place) throw noPlace(host, usable, controllers);
  return { place, enable: missing(place) };
}

function noPlace(host: CgroupHost, usable: V2Place[], controllers: string[]): CgroupError {
  const wanted = controllers.join(' and ');
  if (!host.v2) {
    return new CgroupError(
      wanted ? `no cgroup hierarchy with ${wanted} is mounted` : 'no cgroup v2 hierarchy is mounted',
      'as root: mount -t cgroup2 none /sys/fs/cgroup',
    );
  }
  const [nearest] = usable;
  if (!nearest) {
    const problem = host.v2.places[0]?.problem ?? `cgroup v2 at ${host.v2.own} cannot be used`;
    return new CgroupError(problem, unwritableHint(problem, 2));
  }
  const top = host.v2.places.at(-1);
  const absent = controllers.filter((name) => !usable.some((place) => place.available.includes(name)));
  if (absent.length > 0 && top && !top.available.includes(absent[0] ?? '')) {
    return new CgroupError(
      `there is no cgroup controller ${absent.join(' and ')} at ${top.path}`,
      `the kernel has none, or it was started without (cgroup_enable=${absent[0]}), or nobody passed it to this container`,
    );
  }
  if (absent.length > 0) return undelegated(absent, nearest.path);
  return new CgroupError(
    `${nearest.path} has processes of its own, so ${wanted} cannot be enabled below it (cgroups(7), "no internal processes")`,
    'start the command in a group of its own: systemd-run --scope -p Delegate=yes COMMAND',
  );
}

function undelegated(absent: string[], path: string): CgroupError {
  return new CgroupError(
    `the controller ${absent.join(' and ')} is not passed down to ${path}`,
    'as root, put "[Service]\\nDelegate=cpu cpuset io memory pids" into ' +
      '/etc/systemd/system/user@.service.d/delegate.conf, run systemctl daemon-reload, and log in again',
  );
}

function unwritableHint(problem: string, version: 1 | 2): string {
  if (problem.includes('read-only')) return 'start the container with --privileged, or run without limits';
  if (version === 1) return 'run as root (v1 groups cannot be delegated to an ordinary user)';
  return 'run as root, or start it with: systemd-run --user --scope -p Delegate=yes COMMAND';
}
