/** Each of the eight namespaces by itself, and the user namespace with its id maps. */
import { NAMESPACES, type Namespace } from '../../linux/namespaces.ts';
import { alone } from './alone.ts';

const TITLES: Readonly<Record<Namespace, string>> = {
  user: 'a user namespace without a map',
  mnt: 'a mount namespace',
  pid: 'a pid namespace',
  net: 'a network namespace',
  ipc: 'an ipc namespace',
  uts: 'a uts namespace (host name)',
  cgroup: 'a cgroup namespace',
  time: 'a time namespace',
};

export const namespaceTargets = NAMESPACES.map((type) =>
  alone({ name: type, title: TITLES[type], namespaces: [type] }),
);

export const idmap = alone({ name: 'idmap', title: 'a user namespace with id maps', mapped: true });
