/** Making tasks, and taking rights from them. */
import type { ProbeDefinition } from '../result.ts';
import { nativeProbe } from './native.ts';
import { ALL_LABS } from '../labs.ts';

export const taskProbes: ProbeDefinition[] = [
  nativeProbe({
    id: 'clone3',
    title: 'clone3 and pidfd',
    group: 'tasks',
    neededBy: ALL_LABS,
    why: 'every child of ring3 is made by clone3 and waited for by its pidfd',
  }),
  nativeProbe({
    id: 'processes',
    title: '64 processes at once',
    group: 'tasks',
    neededBy: [],
    why: 'build, tests and a shell at the same time; less makes them fail now and then',
    otherwise: () => 'what starts many processes may fail',
  }),
  nativeProbe({
    id: 'terminal',
    title: 'pseudo-terminal',
    group: 'tasks',
    neededBy: [],
    why: 'an interactive shell inside gets a terminal of its own',
  }),
  nativeProbe({
    id: 'no-new-privileges',
    title: 'no_new_privs',
    group: 'privileges',
    neededBy: [3, 5, 7],
    why: 'setuid programs gain nothing; an ordinary user may load a filter only with it',
  }),
  nativeProbe({
    id: 'capabilities',
    title: 'dropping capabilities',
    group: 'privileges',
    neededBy: [3, 7],
    why: 'what is not in the bounding set cannot come back',
    restsOn: ({ privileged }) => (privileged ? [] : ['namespace.user']),
  }),
];
