/** A root directory of its own: overlays on the host's folders, /proc, /sys, /dev, and the pivot. */
import { rootfsSteps } from '../../confine/rootfs/index.ts';
import { alone } from './alone.ts';

export const rootfs = alone({
  name: 'rootfs',
  title: 'a root directory of its own',
  namespaces: ['mnt'],
  // The kernel lets a user namespace mount a /proc only for a pid namespace of its own.
  unprivileged: ['pid'],
  steps: () =>
    rootfsSteps({ binds: [], current: '/', ownNetwork: false, shiftedIds: false, ttyGroup: false }),
});
