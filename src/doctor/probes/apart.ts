/**
 * Probes in a Node process of their own (`apart/*.ts`), because what they load may crash or hang the process: they
 * answer in the words of native/programs/probe.c.
 */
import { fileURLToPath } from 'node:url';
import { ask } from '../native.ts';
import { ALL_LABS } from '../labs.ts';
import type { Asker, Finding, ProbeDefinition } from '../result.ts';

/** From sources, Node before 22 needs tsx; the built project is plain JavaScript. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const loader = extension === 'ts' ? ['--import', 'tsx'] : [];

function lookApart(name: string, args: readonly string[], signal: AbortSignal): Promise<Finding> {
  const file = fileURLToPath(new URL(`apart/${name}.${extension}`, import.meta.url));
  return ask(process.execPath, ['--no-warnings', ...loader, file, ...args], signal);
}

const worldRestsOn = ({ privileged }: Asker) => [
  'spawn',
  ...['user', 'mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup'].map((type) => `namespace.${type}`),
  'mount.proc',
  ...(privileged ? [] : ['user-namespace.unprivileged']),
  'user-namespace.multi-id',
];

export const apartProbes: ProbeDefinition[] = [
  {
    id: 'spawn',
    title: "ring3's own helper",
    group: 'tasks',
    neededBy: ALL_LABS,
    why: 'every child of ring3 is started by it, from a plan',
    restsOn: () => ['build', 'clone3', 'memfd', 'memfd.exec'],
    look: (signal) => lookApart('spawn', ['plain'], signal),
  },
  {
    id: 'spawn.world',
    title: 'a child in a world of its own',
    group: 'namespaces',
    neededBy: [2, 4, 7],
    why: 'the default namespaces, id maps and a new proc, all at once and as `ring3 run` makes them',
    restsOn: worldRestsOn,
    look: (signal) => lookApart('spawn', ['world'], signal),
  },
  {
    id: 'libseccomp',
    title: 'libseccomp',
    group: 'tools',
    neededBy: [5, 7],
    why: 'profiles become filters through it',
    restsOn: () => ['memfd'],
    look: (signal) => lookApart('libseccomp', [], signal),
  },
];
