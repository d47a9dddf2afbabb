/** A root directory of its own: overlays on the host's folders, /proc, /sys, /dev, and the pivot. */
import { rootfsSteps } from '../../confine/rootfs/index.ts';
import { alone } from './alone.ts';

export const rootfs = alone({
  name: 'rootfs',
  title: 'a root directory of its own, and the namespaces that it needs',
  // Its /proc must be of a pid namespace of its own, or what is set there would be set for the host; and only in a
  // user namespace do its mounts get what they get in a run.
  namespaces: ['mnt', 'pid'],
  mapped: true,
  steps: () =>
    rootfsSteps({ binds: [], current: '/', ownNetwork: false, shiftedIds: false, ttyGroup: false }),
});
