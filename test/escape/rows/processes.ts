/** Ways to other processes, and to what belongs to them. */
import type { Row } from '../row.ts';
import type { Stage } from '../stage.ts';

const outOfReach = 'a pid namespace of its own: the outsider has no number there';

/** With an init, the shim's own process is pid 1; without one the command is. */
const withInit = { confined: () => ({ options: ['--init'] }) };

/** A mount in the folder where the sockets are: no overlay can be laid over such a folder by a user namespace. */
function besideMount(stage: Stage): string[] {
  const script = 'mount -t tmpfs none "$0" && exec "$@"';
  const how = stage.identity.uid === 0 ? '-m' : '-Urm';
  return ['unshare', how, '--propagation', 'private', 'sh', '-c', script, stage.own('mounted')];
}

export const processes: Row[] = [
  {
    name: 'setns-outsider',
    danger: 'moves into the host’s namespaces',
    stops: `${outOfReach}; the seccomp profile has no setns`,
    arguments: ({ bystander }) => [String(bystander.pid), '1'],
    shown: (_stage, command) => ['unshare', '-mnui', ...command],
    shownArguments: ({ bystander }) => [String(bystander.pid)],
    needsRoot: 'show',
  },
  {
    name: 'unshare-user',
    danger: 'has every capability over new namespaces, and so reaches the kernel’s weakest code',
    stops: 'the seccomp profile has no unshare, no clone with CLONE_NEW* and no clone3 (src/confine/seccomp)',
  },
  {
    name: 'clone3-namespaces',
    danger: 'makes namespaces past a filter that looks only at clone',
    stops: 'clone3 answers ENOSYS, so that libc falls back to clone, whose flags can be compared',
  },
  {
    name: 'nested-root',
    danger: 'has the dropped capabilities back',
    stops: 'no new user namespaces; the bounding set is what the plan keeps',
  },
  {
    name: 'ptrace-outsider',
    danger: 'runs code in a process outside',
    stops: outOfReach,
    arguments: ({ bystander }) => [String(bystander.pid)],
  },
  {
    name: 'tamper-with-init',
    danger: 'takes over the runtime’s own process, and whatever it has open',
    stops: 'init is not dumpable and holds nothing but its pipe (native/spawn)',
    arguments: () => ['1'],
    shown: (_stage, command) => [
      'unshare',
      '-Urpf',
      '--mount-proc',
      'sh',
      '-c',
      '"$@"; exit $?',
      'sh',
      ...command,
    ],
    ...withInit,
  },
  {
    name: 'kill-init',
    danger: 'ends or stops the runtime’s own process',
    stops: 'pid 1 gets no signal from inside that it has no handler for (pid_namespaces(7))',
    arguments: () => ['1'],
    shownArguments: () => [],
    shown: (_stage, command) => ['sh', '-c', 'sleep 5 & exec "$@" $!', 'sh', ...command],
    ...withInit,
  },
  {
    name: 'signal-outsider',
    danger: 'stops and ends processes outside',
    stops: outOfReach,
    arguments: ({ bystander }) => [String(bystander.pid)],
  },
  {
    name: 'read-memory',
    danger: 'reads the memory of a process outside',
    stops: outOfReach,
    arguments: ({ bystander }) => [String(bystander.pid), bystander.address],
  },
  {
    name: 'steal-descriptor',
    danger: 'takes an open file from a process outside',
    stops: outOfReach,
    arguments: ({ bystander }) => [String(bystander.pid), String(bystander.descriptor)],
  },
  {
    name: 'outsider-root',
    danger: 'reads files through the root of a process outside',
    stops: outOfReach,
    arguments: ({ bystander, secret }) => [String(bystander.pid), secret],
  },
  {
    name: 'stolen-environment',
    danger: 'reads the tokens in the environment of who started it',
    stops: 'the guest’s environment is made anew, and no process of ours is in its /proc',
    arguments: ({ token }) => [`RING3_ESCAPE_TOKEN=${token}`],
    environment: ({ token }) => ({ RING3_ESCAPE_TOKEN: token }),
    shown: (_stage, command) => ['sh', '-c', 'env -i "$@"; exit $?', 'sh', ...command],
    ...withInit,
  },
  {
    name: 'abstract-socket',
    danger: 'talks to a service outside (containerd’s shim, X11)',
    stops: 'a network namespace of its own',
    arguments: ({ bystander }) => [bystander.shared],
  },
  {
    name: 'file-socket',
    danger: 'talks to a service outside (Docker, the session bus)',
    stops: '/run, /tmp and homes are not the host’s; an overlay’s sockets are not the host’s either',
    arguments: ({ sockets }) => sockets,
  },
  {
    name: 'file-socket',
    variant: 'beside a mount',
    danger: 'talks to a service outside (LXD’s socket lies below /var, and /var has mounts)',
    stops: 'a folder with mounts below it is not bound as a whole: sockets of a read-only bind answer',
    arguments: ({ sockets }) => sockets,
    confined: (stage) => ({ launcher: besideMount(stage) }),
  },
  {
    name: 'loopback-service',
    danger: 'talks to a service that trusts whoever is on this machine',
    stops: 'a network namespace of its own, with a loopback of its own',
    arguments: ({ bystander }) => [String(bystander.port)],
  },
  {
    name: 'shared-memory',
    danger: 'reads and changes what processes outside share',
    stops: 'an ipc namespace of its own, and a /dev/shm of its own',
    arguments: ({ bystander }) => [String(bystander.key), bystander.shared],
  },
  {
    name: 'keyring',
    danger: 'reads the tickets and passwords of who started it',
    stops: 'the seccomp profile has no keyctl, add_key, request_key',
    arguments: ({ bystander }) => [bystander.shared],
    shown: (stage, command) => [stage.support('with-key'), stage.bystander.shared, stage.token, ...command],
    confined: (stage) => ({ launcher: [stage.support('with-key'), stage.bystander.shared, stage.token] }),
  },
];
