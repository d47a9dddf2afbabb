/** What a root file system of one's own is made of. */
import type { Asker, ProbeDefinition } from '../result.ts';
import { nativeProbe } from './native.ts';

const restsOn = ({ privileged }: Asker) =>
  privileged ? ['clone3', 'namespace.mnt'] : ['clone3', 'namespace.user', 'namespace.mnt'];

export const mountProbes: ProbeDefinition[] = [
  nativeProbe({
    id: 'pivot-root',
    title: 'pivot_root',
    group: 'file systems',
    neededBy: [4, 7],
    why: 'the old root must be gone, not only out of sight as after chroot',
    restsOn,
  }),
  nativeProbe({
    id: 'mount.proc',
    title: 'a new proc',
    group: 'file systems',
    neededBy: [2, 4, 7],
    why: 'the old one shows the processes of the host',
    restsOn: (asker) => [...restsOn(asker), 'namespace.pid'],
  }),
  nativeProbe({
    id: 'mount.new-api',
    title: 'the new mount API',
    group: 'file systems',
    neededBy: [],
    why: 'a whole tree becomes read-only in one call, and a failed mount says why',
    restsOn,
    otherwise: () => 'ring3 uses mount(2)',
  }),
  nativeProbe({
    id: 'overlay',
    title: 'overlay',
    group: 'file systems',
    neededBy: [],
    why: 'the guest writes to a root that stays as it was',
    restsOn,
    otherwise: () => 'the guest gets a read-only root',
  }),
  nativeProbe({
    id: 'overlay.user-namespace',
    title: 'overlay in a user namespace',
    group: 'file systems',
    neededBy: [],
    why: 'as overlay, mounted by a root that is nobody on the host',
    restsOn: () => ['clone3', 'namespace.user', 'namespace.mnt', 'overlay'],
    otherwise: () => 'the guest gets a read-only root',
  }),
];
