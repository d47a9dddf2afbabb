/** The eight namespaces, each made and used. */
import { hostIdMaps } from '../../confine/idmaps.ts';
import { WITHOUT } from '../../confine/namespaces.ts';
import { NAMESPACES, type Namespace } from '../../linux/namespaces.ts';
import { lookNatively } from '../native.ts';
import type { Asker, ProbeDefinition } from '../result.ts';
import { nativeProbe } from './native.ts';

const NEEDED_BY: Readonly<Record<Namespace, readonly number[]>> = {
  user: [2, 3, 4, 5, 7],
  mnt: [2, 4, 7],
  pid: [2, 4, 7],
  net: [2, 7],
  ipc: [2, 7],
  uts: [2, 7],
  cgroup: [2, 7],
  time: [],
};

const restsOnUser = ({ privileged }: Asker) => (privileged ? ['clone3'] : ['clone3', 'namespace.user']);

const each = NAMESPACES.map((type) =>
  nativeProbe({
    id: `namespace.${type}`,
    title: `${type} namespace`,
    group: 'namespaces',
    neededBy: NEEDED_BY[type],
    why: `without one of its own, ${WITHOUT[type]}`,
    restsOn: type === 'user' ? () => ['clone3'] : restsOnUser,
  }),
);

/** The maps that ring3 itself would write, so that a wrong /etc/subuid shows here. */
const multiId: ProbeDefinition = {
  id: 'user-namespace.multi-id',
  title: 'more than one id in a user namespace',
  group: 'namespaces',
  neededBy: [],
  why: 'programs that change to another user inside (apt, sshd, nginx) need more ids than one',
  restsOn: () => ['namespace.user'],
  async look(signal) {
    const { step, describe } = hostIdMaps();
    const lines = (map: typeof step.uid) =>
      map.map((row) => `${row.inside} ${row.outside} ${row.count}`).join('\n');
    if (step.uid.every((range) => range.count === 1)) {
      return { ok: false, seen: `no ids for this user in /etc/subuid, or no newuidmap`, instead: describe };
    }
    return lookNatively(this.id, [step.via ?? 'direct', lines(step.uid), lines(step.gid)], signal);
  },
};

export const namespaceProbes: ProbeDefinition[] = [
  ...each,
  nativeProbe({
    id: 'user-namespace.unprivileged',
    title: 'user namespace without any rights',
    group: 'namespaces',
    neededBy: [2, 3, 4, 5, 7],
    why: 'an ordinary user confines a child without it being root on the host',
    restsOn: () => ['clone3', 'namespace.user', 'namespace.mnt'],
    otherwise: ({ privileged }) => (privileged ? 'you are root; only ordinary users lack it' : undefined),
  }),
  multiId,
];
