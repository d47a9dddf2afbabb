/** A minimal /dev: six devices that every program expects, terminals and shared memory of its own. */
import type { StepInput } from '../plan.ts';

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

const LINKS: [target: string, name: string][] = [
  ['/proc/self/fd', 'fd'],
  ['/proc/self/fd/0', 'stdin'],
  ['/proc/self/fd/1', 'stdout'],
  ['/proc/self/fd/2', 'stderr'],
  ['pts/ptmx', 'ptmx'],
];

export interface DeviceOptions {
  /** The path, before the pivot, of the tree that becomes the root. */
  root: string;
  /** Does group 5, which owns terminals, exist inside? With a single-id map it does not. */
  ttyGroup: boolean;
}

/**
 * Device nodes are bound from the host: no user namespace may make one (mknod(2)), and so even root needs no CAP_MKNOD.
 */
export function deviceSteps({ root, ttyGroup }: DeviceOptions): StepInput[] {
  const dev = `${root}/dev`;
  const pts = ['newinstance', 'ptmxmode=0666', 'mode=0620', ...(ttyGroup ? ['gid=5'] : [])];
  return [
    { step: 'directory', path: dev },
    {
      step: 'mount',
      type: 'tmpfs',
      source: 'dev',
      target: dev,
      attributes: ['nosuid', 'noexec'],
      options: 'mode=755,size=64k',
    },
    ...DEVICES.flatMap((name): StepInput[] => [
      { step: 'file', path: `${dev}/${name}`, mode: 0o666 },
      { step: 'bind', source: `/dev/${name}`, target: `${dev}/${name}`, attributes: ['nosuid', 'noexec'] },
    ]),
    { step: 'directory', path: `${dev}/pts` },
    {
      step: 'mount',
      type: 'devpts',
      source: 'devpts',
      target: `${dev}/pts`,
      attributes: ['nosuid', 'noexec'],
      options: pts.join(','),
    },
    { step: 'directory', path: `${dev}/shm` },
    {
      step: 'mount',
      type: 'tmpfs',
      source: 'shm',
      target: `${dev}/shm`,
      attributes: ['nosuid', 'nodev', 'noexec'],
      options: 'mode=1777,size=64m',
    },
    ...LINKS.map(([target, name]): StepInput => ({ step: 'symlink', target, path: `${dev}/${name}` })),
  ];
}
