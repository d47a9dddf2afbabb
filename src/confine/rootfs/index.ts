/** The child's root directory: what it sees of the host's files, and how it comes to see nothing else. */
import { existsSync } from 'node:fs';
import type { MountAttribute, StepInput } from '../plan.ts';
import { bindSteps, type Bind } from './binds.ts';
import { deviceSteps } from './device.ts';
import { hostRootSteps } from './host.ts';
import { procSteps, sysSteps } from './kernel-files.ts';
import { readMounts, type Mount } from './mountinfo.ts';

export interface RootfsSpec {
  /** A folder that becomes the root; without one, the host's own root. Neither is ever written to. */
  rootfs?: string;
  binds: readonly Bind[];
  /** The caller's current folder: shown in the host's root even where it lies in a hidden place, a home or /tmp. */
  current: string;
  ownNetwork: boolean;
  /** Are the guest's ids other ones on the host? Its own files are then shown through the id map. */
  shiftedIds: boolean;
  /** Does group 5 (tty) exist inside? */
  ttyGroup: boolean;
  /** Of each in-memory filesystem: tmpfs(5) size. */
  tmpfsSize?: string;
  mounts?: readonly Mount[];
}

/** Any folder will do: in the child's mount namespace the tree is built on a tmpfs that covers it. */
function stagingFolder(): string {
  const place = ['/tmp', '/var/tmp', '/mnt', '/run'].find((path) => existsSync(path));
  if (!place)
    throw new Error('None of /tmp, /var/tmp, /mnt and /run exists: make one, the new root is built there.');
  return place;
}

function tmpfs(
  target: string,
  options: string,
  attributes: MountAttribute[] = ['nosuid', 'nodev'],
): StepInput {
  return { step: 'mount', type: 'tmpfs', source: 'tmpfs', target, attributes, options };
}

/**
 * Needs mount, user and pid namespaces of the child's own, and root in them. Ends with `pivotRoot`; the working
 * directory is then `/`.
 */
export function rootfsSteps(spec: RootfsSpec): StepInput[] {
  const staging = stagingFolder();
  const root = `${staging}/root`;
  const upper = `${staging}/upper`;
  const work = `${staging}/work`;
  const view = `${staging}/view`;
  const size = spec.tmpfsSize ?? '512m';
  const mounts = spec.mounts ?? readMounts();
  const tree: StepInput[] = spec.rootfs
    ? [
        {
          step: 'overlay',
          lower: spec.rootfs,
          upper: `${upper}/rootfs`,
          work: `${work}/rootfs`,
          target: root,
          attributes: ['nosuid', 'nodev'],
          ...(spec.shiftedIds && { idMappedAt: view }),
        },
        { step: 'resolveIn', root },
        { step: 'directory', path: `${root}/tmp`, mode: 0o1777 },
        tmpfs(`${root}/tmp`, `mode=1777,size=${size}`),
      ]
    : [
        tmpfs(root, `mode=755,size=${size}`),
        { step: 'resolveIn', root },
        ...hostRootSteps({
          root,
          upper,
          work,
          mounts,
          current: spec.current,
          ...(spec.shiftedIds && { view }),
        }),
      ];
  return [
    // Nothing that is mounted from here on may reach the host, nor the other way round.
    { step: 'propagation', target: '/', type: 'private' },
    tmpfs(staging, `mode=755,size=${size}`),
    ...[root, upper, work, view].map((path): StepInput => ({ step: 'directory', path })),
    ...tree,
    ...procSteps(root),
    ...sysSteps({ root, ownNetwork: spec.ownNetwork, mounts }),
    ...deviceSteps({ root, ttyGroup: spec.ttyGroup }),
    ...bindSteps(root, spec.binds),
    { step: 'pivotRoot', root },
  ];
}
