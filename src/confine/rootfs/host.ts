/**
 * The host's own root directory as the guest's: read-only to the host, writable to the guest, homes hidden.
 *
 * One overlay over `/` cannot be had in a user namespace, because the mounts below it are locked to it
 * (mount_namespaces(7)). So each folder of `/` gets an overlay of its own, and one with mounts below it a recursive
 * read-only bind.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { StepInput } from '../plan.ts';
import { hasMountsBelow, type Mount } from './mountinfo.ts';

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
    { step: 'directory', path: `${options.upper}/${name}` },
    { step: 'directory', path: `${options.work}/${name}` },
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

function show(options: HostRootOptions, folder: string): StepInput[] {
  const target = `${options.root}${folder}`;
  if (!hasMountsBelow(options.mounts, folder)) {
    return [{ step: 'directory', path: target }, ...overlay(options, folder)];
  }
  return [
    { step: 'directory', path: target },
    { step: 'bind', source: folder, target, recursive: true, attributes: ['ro', 'nosuid', 'nodev'] },
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

function entrySteps(options: HostRootOptions, name: string, hidden: ReadonlySet<string>): StepInput[] {
  const path = `/${name}`;
  if (hidden.has(name)) return [];
  const status = lstatSync(path);
  if (status.isSymbolicLink())
    return [{ step: 'symlink', target: readlinkSync(path), path: `${options.root}${path}` }];
  if (!status.isDirectory()) return [];
  if (readdirOrEmpty(path).length === 0) return [{ step: 'directory', path: `${options.root}${path}` }];
  return show(options, path);
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

/** The folder that the user stands in: to be shown where it would be hidden, and to be his own where it would be a stranger's. */
function needsItsOwn({ current, mounts, view }: HostRootOptions, hidden: ReadonlySet<string>): boolean {
  if (/^\/(proc|sys|dev)(\/|$)/.test(current) || current === '/') return false;
  if (isHidden(current, hidden)) return true;
  return view !== undefined && current.split('/').length > 2 && !hasMountsBelow(mounts, current);
}

export function hostRootSteps(options: HostRootOptions): StepInput[] {
  const { root, current } = options;
  const hidden = isWsl() ? new Set([...NOT_SHOWN, 'mnt', 'init']) : NOT_SHOWN;
  return [
    ...EMPTY_FOLDERS.map(([name, mode]): StepInput => ({ step: 'directory', path: `${root}/${name}`, mode })),
    ...readdirSync('/')
      .sort()
      .flatMap((name) => entrySteps(options, name, hidden)),
    ...homesElsewhere(hidden)
      .filter((home) => !`${current}/`.startsWith(`${home}/`))
      .map((home): StepInput => ({ step: 'mask', path: `${root}${home}` })),
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
