/** Inside a container: what its engine withholds, and the least that gives it back. */
import type { HostFacts } from '../host.ts';
import { isCgroup, isNamespace, type HostKind, type Problem } from './kind.ts';

/**
 * Not CAP_SYS_ADMIN on the host, nor --privileged: user namespaces give all the rights that labs 01 to 05 need. The
 * engine's own filter refuses to make them, its AppArmor profile refuses mounts, and its covered paths in /proc make
 * the kernel refuse a new proc inside.
 */
export const UNCONFINED = [
  '--security-opt seccomp=unconfined',
  '--security-opt apparmor=unconfined',
  '--security-opt systempaths=unconfined',
];

/** The container sees its own cgroup as the root and may write there. */
export const CGROUPS = ['--privileged', '--cgroupns=private'];

/** Options for `docker run` that mend the problem; none when the container is not what is in the way. */
export function optionsFor(problem: Problem): string[] {
  const { id, errno } = problem;
  if (id === 'kvm') return errno === 'ENOENT' ? ['--device /dev/kvm'] : [];
  if (id === 'processes') return ['--pids-limit -1'];
  if (id === 'cores') return ['--cpus 2'];
  if (isCgroup(problem)) return CGROUPS;
  if (errno === 'ENOSPC') return [];
  const mounts = ['mount.proc', 'mount.new-api', 'overlay', 'overlay.user-namespace', 'pivot-root'];
  const refused = [
    'clone3',
    'capabilities',
    'ptrace',
    'ptrace.sysemu',
    'process-vm',
    'seccomp.filter',
    'seccomp.user-notification',
    'syscall-user-dispatch',
    'memfd',
    'spawn',
  ];
  return isNamespace(problem) || [...mounts, ...refused].includes(id) ? UNCONFINED : [];
}

/** `systempaths` is Docker's word; podman says `unmask=ALL`. */
function inWordsOf(engine: string, options: string[]): string[] {
  if (engine !== 'podman') return options;
  return options.map((option) => option.replace('systempaths=unconfined', 'unmask=ALL'));
}

function fix(problem: Problem, facts: HostFacts): string | undefined {
  if (facts.emulated && problem.id.startsWith('ptrace')) {
    return 'this is an amd64 container on an arm64 machine, and its emulator has no ptrace: use --platform linux/arm64';
  }
  const options = optionsFor(problem);
  if (options.length === 0) return undefined;
  if (facts.container === 'kubernetes' || facts.container === 'lxc') {
    return 'use a virtual machine or Docker: this container is not ours to start with other rights';
  }
  const engine = facts.container === 'podman' ? 'podman' : 'docker';
  return `start the container anew: ${engine} run ${inWordsOf(engine, options).join(' ')} …`;
}

export const container: HostKind = {
  is: (facts) => facts.container !== undefined,
  title: (facts) => (facts.container === 'other' ? 'in a container' : `in ${NAMES[facts.container!]}`),
  fix,
  notes: (facts) =>
    facts.emulated
      ? [
          'This is an amd64 container on an arm64 machine: it has no ptrace, and all times are wrong. Use an arm64 image.',
        ]
      : [],
};

const NAMES = {
  docker: 'Docker',
  podman: 'podman',
  kubernetes: 'Kubernetes',
  lxc: 'LXC',
  other: 'a container',
} as const;
