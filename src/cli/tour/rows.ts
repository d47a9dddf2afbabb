/** Two worlds side by side: what the shell saw in each, and what makes the difference. */
import { CAPABILITIES, capabilitiesOf } from '../../linux/capabilities.ts';
import type { Outcome } from '../../sandbox/run.ts';
import type { World } from './script.ts';
import type { Worlds } from './worlds.ts';

export interface Row {
  label: string;
  host: string;
  confined: string;
  because: string;
}

interface Fact {
  label: string;
  of(world: World): string;
  because: string;
}

const UNKNOWN = 'not to be seen';
const NO_LIMIT = 'no limit';
const MIB = 2 ** 20;

const first = (key: string) => (world: World) => world.get(key)?.[0] ?? UNKNOWN;

const FACTS: readonly Fact[] = [
  { label: 'its pid', of: first('pid'), because: 'pid namespace: its own numbers' },
  { label: 'processes seen', of: first('processes'), because: 'pid namespace, and a /proc of it' },
  { label: 'host name', of: first('hostname'), because: 'uts namespace' },
  { label: 'user', of: userOf, because: 'user namespace: root there …' },
  { label: 'its user 0 is', of: rootOf, because: '… is somebody else, by the id map' },
  { label: 'interfaces', of: interfacesOf, because: 'network namespace: only a loopback' },
  { label: 'root directory', of: rootfsOf, because: 'mount namespace, pivot_root' },
  { label: 'homes shown', of: first('homes'), because: 'hidden, but for this folder' },
  { label: 'devices', of: first('devices'), because: 'a /dev made for it' },
  { label: 'cgroup', of: cgroupOf, because: 'cgroup namespace: its own is /' },
  {
    label: 'capabilities',
    of: capabilitiesCount,
    because: 'they reach only its namespaces',
  },
  { label: 'setuid programs', of: setuidOf, because: 'no_new_privs' },
  { label: 'system calls', of: seccompOf, because: 'seccomp: a filter sees each one' },
];

const KERNEL: Fact = {
  label: 'kernel',
  of: first('kernel'),
  because: 'the same: its bugs are the way out',
};

export function rowsOf({ host, confined, outcome, unlimited }: Worlds): Row[] {
  const row = ({ label, of, because }: Fact): Row => ({
    label,
    host: of(host),
    confined: of(confined),
    because,
  });
  return [...FACTS.map(row), ...limitRows(outcome, unlimited), row(KERNEL)];
}

/** As the kernel has counted them while the group existed. */
function limitRows({ stats }: Outcome, unlimited: string | undefined): Row[] {
  const host = 'all of the host’s';
  if (unlimited !== undefined) {
    return [{ label: 'memory', host, confined: host, because: `no cgroup: \`ring3 doctor\` says why` }];
  }
  const memory = stats.memory?.limit === undefined ? NO_LIMIT : `${stats.memory.limit / MIB} MiB`;
  const forks = stats.pids?.limit === undefined ? NO_LIMIT : `${stats.pids.limit} at once`;
  const because = 'cgroup, joined before it ran';
  return [
    { label: 'memory', host, confined: memory, because },
    { label: 'processes', host: NO_LIMIT, confined: forks, because },
  ];
}

/** Effective, the second of real, effective, saved and filesystem (proc_pid_status(5)). */
function userOf(world: World): string {
  const id = world.get('Uid')?.[0]?.split(/\s+/)[1];
  if (id === undefined) return UNKNOWN;
  return id === '0' ? '0 (root)' : id;
}

function rootOf(world: World): string {
  const ranges = (world.get('map') ?? []).map((line) => line.split(' ').map(Number));
  const range = ranges.find(([inside]) => inside === 0);
  if (!range) return UNKNOWN;
  return range[1] === 0 ? 'root' : `user ${range[1]}`;
}

function interfacesOf(world: World): string {
  return (world.get('interface') ?? [UNKNOWN]).join(' ');
}

/** Behind the hyphen of mountinfo stand the filesystem's type and its source (proc_pid_mountinfo(5)). */
function rootfsOf(world: World): string {
  const type = / - (\S+)/.exec(world.get('root')?.[0] ?? '')?.[1];
  const mounts = world.get('mount')?.length ?? 0;
  return type === undefined ? UNKNOWN : `${type}, ${mounts} mounts`;
}

function cgroupOf(world: World): string {
  const paths = [...new Set(world.get('cgroup') ?? [])];
  return paths.toSorted((a, b) => b.length - a.length)[0] ?? UNKNOWN;
}

function capabilitiesCount(world: World): string {
  const mask = world.get('CapEff')?.[0];
  if (mask === undefined) return UNKNOWN;
  return `${capabilitiesOf(BigInt(`0x${mask}`)).length} of ${CAPABILITIES.length}`;
}

function setuidOf(world: World): string {
  return world.get('NoNewPrivs')?.[0] === '1' ? 'give nothing' : 'work';
}

/** 0: none; 1: strict; 2: a filter (proc_pid_status(5)). */
function seccompOf(world: World): string {
  return world.get('Seccomp')?.[0] === '2' ? 'filtered' : 'all';
}
