/**
 * The host's own root directory as the guest's: read-only to the host, writable to the guest, homes hidden.
 *
 * One overlay over `/` cannot be had in a user namespace, because the mounts below it are locked to it
 * (mount_namespaces(7)). So each folder of `/` gets an overlay of its own, and one with mounts below it a recursive
 * read-only bind.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { StepInput } from '../plan.ts';
import { hasMountsBelow, typeOf, type Mount } from './mountinfo.ts';

/** Made anew inside, or left out: homes, sockets and other people's temporary files. */
const NOT_SHOWN = new Set(['dev', 'home', 'lost+found', 'proc', 'root', 'run', 'sys', 'tmp']);
const EMPTY_FOLDERS: [path: string, mode: number][] = [
  ['home', 0o755],
  ['root', 0o700],
  ['run', 0o755],
  ['tmp', 0o1777],
];

export interface HostRootOptions {
  root: string;
  upper: string;
  work: string;
  /** A folder for the view of `current` through the child's id map, where that map makes its owner a stranger. */
  view?: string;
  mounts: readonly Mount[];
  /** Shown although it lies in a hidden place. */
  current: string;
}

/** Where `show` puts what the guest writes to a host folder: the folder's path without slashes. */
function overlay(options: HostRootOptions, folder: string): StepInput[] {
  const isCurrent = folder === options.current;
  const name = folder.replaceAll('/', '_');
  return [
    {
      step: 'overlay',
      lower: folder,
      upper: `${options.upper}/${name}`,
      work: `${options.work}/${name}`,
      target: `${options.root}${folder}`,
      attributes: ['nosuid', 'nodev'],
      ...(isCurrent && options.view !== undefined && { idMappedAt: options.view }),
    },
  ];
}

/** What overlayfs takes as a lower layer: not vfat and its like, whose names have no case (fs/overlayfs/super.c). */
const LAYERS = new Set([
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'f2fs',
  'zfs',
  'tmpfs',
  'overlay',
  'erofs',
  'squashfs',
]);
/** Programs and their settings: shown with whatever is mounted below. Elsewhere a socket may lie there, which no read-only mount closes. */
const PROGRAMS = /^\/(usr|etc|opt|boot|lib\w*|s?bin)(\/|$)/;
const DEEPEST = 3;

function show(options: HostRootOptions, folder: string, depth = 1): StepInput[] {
  const target = `${options.root}${folder}`;
  const place: StepInput = { step: 'directory', path: target };
  const mountsBelow = hasMountsBelow(options.mounts, folder);
  if (!mountsBelow && LAYERS.has(typeOf(options.mounts, folder))) return [place, ...overlay(options, folder)];
  if (!mountsBelow || PROGRAMS.test(folder)) {
    return [
      place,
      { step: 'bind', source: folder, target, recursive: true, attributes: ['ro', 'nosuid', 'nodev'] },
    ];
  }
  // Through an overlay no socket of the host answers: so down to folders that can have one.
  if (depth > DEEPEST) return [place];
  return [
    place,
    ...readdirOrEmpty(folder).flatMap((name) => entrySteps(options, `${folder}/${name}`, depth + 1)),
  ];
}

/** Windows' drives and sockets: a program could start others outside through them (WSL interop). */
function isWsl(): boolean {
  try {
    return /microsoft/i.test(readFileSync('/proc/sys/kernel/osrelease', 'utf8'));
  } catch {
    return false;
  }
}

function entrySteps(options: HostRootOptions, path: string, depth: number): StepInput[] {
  const target = `${options.root}${path}`;
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return [{ step: 'symlink', target: readlinkSync(path), path: target }];
  if (status.isFile() && depth > 1) {
    return [
      { step: 'file', path: target },
      { step: 'bind', source: path, target, optional: true, attributes: ['ro', 'nosuid', 'nodev'] },
    ];
  }
  if (!status.isDirectory()) return [];
  if (readdirOrEmpty(path).length === 0) return [{ step: 'directory', path: target }];
  return show(options, path, depth);
}

/** Is the folder already visible through one of the top folders? */
function isHidden(path: string, hidden: ReadonlySet<string>): boolean {
  return hidden.has(path.split('/')[1] ?? '');
}

/** Homes elsewhere than in /home: /var/lib/jenkins, /srv/people/ada. Users of programs start at 1000 (login.defs(5)). */
function homesElsewhere(hidden: ReadonlySet<string>): string[] {
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  return users
    .map((line) => line.split(':'))
    .filter(([, , uid]) => Number(uid) >= 1000 && Number(uid) < 65534)
    .map((fields) => fields[5] ?? '')
    .filter((home) => home.split('/').length > 2 && !isHidden(home, hidden));
}

/** Names in `/`. */
export function hiddenFolders(): ReadonlySet<string> {
  return isWsl() ? new Set([...NOT_SHOWN, 'mnt', 'init']) : NOT_SHOWN;
}

/** Homes outside of the hidden folders that `current` does not lie in. */
export function hiddenHomes(current: string): string[] {
  return homesElsewhere(hiddenFolders()).filter((home) => !`${current}/`.startsWith(`${home}/`));
}

/** May a current folder be shown? Not one that holds other people's homes or the host's sockets, nor the kernel's files. */
export function isShown(current: string): boolean {
  return (
    !/^\/(proc|sys|dev|run)(\/|$)/.test(current) &&
    !['/', '/home', ...(isWsl() ? ['/mnt'] : [])].includes(current)
  );
}

/** The folder that the user stands in: to be shown where it would be hidden, and to be his own where it would be a stranger's. */
function needsItsOwn({ current, mounts, view }: HostRootOptions, hidden: ReadonlySet<string>): boolean {
  if (!isShown(current)) return false;
  if (isHidden(current, hidden)) return true;
  return view !== undefined && current.split('/').length > 2 && !hasMountsBelow(mounts, current);
}

export function hostRootSteps(options: HostRootOptions): StepInput[] {
  const { root, current } = options;
  const hidden = hiddenFolders();
  return [
    ...EMPTY_FOLDERS.map(([name, mode]): StepInput => ({ step: 'directory', path: `${root}/${name}`, mode })),
    ...readdirSync('/')
      .filter((name) => !hidden.has(name))
      .sort()
      .flatMap((name) => entrySteps(options, `/${name}`, 1)),
    ...hiddenHomes(current).map((home): StepInput => ({ step: 'mask', path: `${root}${home}` })),
    ...(needsItsOwn(options, hidden) ? show(options, current) : []),
  ];
}

function readdirOrEmpty(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
