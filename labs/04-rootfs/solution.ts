/** The reference: make room, then mount from the root outwards, then cover, then leave. */
import type { StepInput } from 'ring3';
import type { Bind, RootfsSpec } from './exercise.ts';

export const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

export const LINKS: [name: string, target: string][] = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
  ['ptmx', 'pts/ptmx'],
];

export const directory = (path: string): StepInput => ({ step: 'directory', path });

export function rootfs(spec: RootfsSpec): StepInput[] {
  return [
    { step: 'propagation', target: '/', type: 'private', recursive: true },
    ...newRoot(spec),
    ...places(spec),
    ...sealed(spec),
    ...proc(spec),
    ...dev(spec),
    ...spec.binds.map((bind) => bindStep(spec, bind)),
    ...covers(spec),
    { step: 'pivotRoot', root: spec.root },
    { step: 'workdir', path: spec.workdir },
  ];
}

/** pivot_root wants a mount point, so the image is bound onto itself; from then on its links lead nowhere else. */
export function newRoot({ root }: RootfsSpec): StepInput[] {
  return [
    { step: 'bind', source: root, target: root, recursive: true },
    { step: 'resolveIn', root },
  ];
}

/** Mount points are made while the image can still be written. */
export function places({ root, binds }: RootfsSpec): StepInput[] {
  return [
    directory(`${root}/proc`),
    directory(`${root}/dev`),
    ...binds.map(({ kind, target }): StepInput => ({ step: kind, path: `${root}${target}` })),
  ];
}

/** Recursive while nothing but the image is mounted there: what comes later has attributes of its own. */
export function sealed({ root, readonly }: RootfsSpec): StepInput[] {
  return readonly ? [{ step: 'attributes', target: root, set: ['ro'], recursive: true }] : [];
}

export function proc({ root }: RootfsSpec): StepInput[] {
  return [{ step: 'mount', type: 'proc', target: `${root}/proc`, attributes: ['nosuid', 'nodev', 'noexec'] }];
}

export function dev({ root }: RootfsSpec): StepInput[] {
  const at = `${root}/dev`;
  return [
    {
      step: 'mount',
      type: 'tmpfs',
      target: at,
      attributes: ['nosuid', 'noexec'],
      options: 'mode=755,size=64k',
    },
    ...DEVICES.flatMap((name): StepInput[] => [
      { step: 'file', path: `${at}/${name}` },
      { step: 'bind', source: `/dev/${name}`, target: `${at}/${name}`, attributes: ['nosuid', 'noexec'] },
    ]),
    directory(`${at}/pts`),
    {
      step: 'mount',
      type: 'devpts',
      target: `${at}/pts`,
      attributes: ['nosuid', 'noexec'],
      options: 'newinstance,ptmxmode=0666,mode=0620',
    },
    directory(`${at}/shm`),
    {
      step: 'mount',
      type: 'tmpfs',
      target: `${at}/shm`,
      attributes: ['nosuid', 'nodev', 'noexec'],
      options: 'mode=1777,size=64m',
    },
    ...LINKS.map(([name, target]): StepInput => ({ step: 'symlink', target, path: `${at}/${name}` })),
  ];
}

export function bindStep({ root }: RootfsSpec, { source, target, recursive, attributes }: Bind): StepInput {
  return { step: 'bind', source, target: `${root}${target}`, recursive, attributes };
}

/** Last, for a cover holds only over what is there already. */
export function covers({ root, masked, readonlyPaths }: RootfsSpec): StepInput[] {
  return [
    ...readonlyPaths.map((path): StepInput => ({
      step: 'attributes',
      target: `${root}${path}`,
      set: ['ro'],
      recursive: true,
      optional: true,
    })),
    ...masked.map((path): StepInput => ({ step: 'mask', path: `${root}${path}` })),
  ];
}
