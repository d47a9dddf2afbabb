/**
 * The world of a submission as a plan: a root directory that holds Node and nothing of the grader, no network, no
 * capability, its own processes and no others, a /tmp in memory.
 *
 * What is not named here does not exist for the submission, so the solutions need not be hidden one by one. The files
 * that it runs are part of the plan: nothing is written to the host's disk.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  cgroupName,
  discoverCgroups,
  limitSteps,
  whyNot,
  type CgroupHost,
} from '../../confine/cgroups/index.ts';
import { becomeRoot, hostIdMaps } from '../../confine/idmaps.ts';
import { namespaceStep } from '../../confine/namespaces.ts';
import type { StepInput } from '../../confine/plan.ts';
import { dropPrivileges } from '../../confine/privileges.ts';
import { PACKAGE_ROOT } from '../paths.ts';
import { PROGRAM, SUBMISSION, nodeArguments, type Launch } from './launch.ts';

/** The new root is put together here, over what the host has in /tmp. */
const ROOT = '/tmp';
const HOME = '/submission';
const FOLDERS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/nix/store', '/etc/alternatives'];
const FILES = ['/etc/ld.so.cache', '/etc/passwd', '/etc/group', '/etc/localtime'];
const DEVICES = ['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom'];
/** What `import 'ring3'` needs; labs/, with its solutions, is not among it. */
const PACKAGE = ['package.json', 'dist', 'node_modules', 'build', 'prebuilds'];

/** A Node in somebody's home, or below /tmp, which is covered inside, is shown where nothing covers it. */
const NODE = process.execPath.startsWith('/usr/') ? process.execPath : '/node';

/** Beyond V8's heap: Node's own, its thread stacks, buffers. */
const OVERHEAD_MIB = 256;
/** What V8 maps writable and mostly never touches counts as data too: with 384 MiB Node 24 does not start. */
const RESERVED_MIB = 1024;
const MIB = 1024 * 1024;

let host: CgroupHost | undefined;

function parents(path: string): string[] {
  const parent = dirname(path);
  return parent === '/' ? [] : [...parents(parent), parent];
}

/** An empty folder for each of the paths' parents, each made once. */
function scaffold(paths: readonly string[]): StepInput[] {
  const needed = new Set(paths.flatMap(parents));
  return [...needed].map((path) => ({ step: 'directory', path: ROOT + path }));
}

function shown(path: string): StepInput[] {
  const attributes = ['ro', 'nosuid', 'nodev'] as ('ro' | 'nosuid' | 'nodev')[];
  return [
    { step: 'directory', path: ROOT + path },
    { step: 'bind', source: path, target: ROOT + path, recursive: true, attributes },
  ];
}

function shownFile(source: string, attributes: ('ro' | 'nosuid')[], path = source): StepInput[] {
  return [
    { step: 'file', path: ROOT + path },
    { step: 'bind', source, target: ROOT + path, attributes },
  ];
}

function rootDirectory({ program, submission }: Launch): StepInput[] {
  const inPackage = PACKAGE.map((name) => join(PACKAGE_ROOT, name)).filter((path) => existsSync(path));
  const folders = [...FOLDERS, ...inPackage.slice(1)].filter((path) => existsSync(path));
  const files = [...FILES, ...inPackage.slice(0, 1)].filter((path) => existsSync(path));
  return [
    { step: 'propagation', target: '/', type: 'private' },
    {
      step: 'mount',
      type: 'tmpfs',
      target: ROOT,
      attributes: ['nosuid', 'nodev'],
      options: 'mode=755,size=32m',
    },
    ...scaffold([...folders, ...files, ...DEVICES, `${HOME}/x`, '/proc/x', '/tmp/x']),
    ...folders.flatMap(shown),
    ...files.flatMap((path) => shownFile(path, ['ro', 'nosuid'])),
    ...DEVICES.flatMap((path) => shownFile(path, [])),
    ...(NODE === process.execPath ? [] : shownFile(process.execPath, ['ro', 'nosuid'], NODE)),
    { step: 'mount', type: 'proc', target: `${ROOT}/proc`, attributes: ['nosuid', 'nodev', 'noexec'] },
    { step: 'file', path: `${ROOT}${HOME}/${PROGRAM}`, content: program },
    { step: 'file', path: `${ROOT}${HOME}/${SUBMISSION}`, content: submission },
    { step: 'pivotRoot', root: ROOT },
    { step: 'attributes', target: '/', set: ['ro'] },
    {
      step: 'mount',
      type: 'tmpfs',
      target: '/tmp',
      attributes: ['nosuid', 'nodev'],
      options: 'mode=1777,size=64m',
    },
    { step: 'workdir', path: '/tmp' },
  ];
}

const same = (value: number) => ({ soft: value, hard: value });

function limits({ limits: { memoryMiB, processes } }: Launch): StepInput[] {
  return dropPrivileges({
    keep: [],
    rlimits: {
      data: same((memoryMiB + RESERVED_MIB) * MIB),
      fsize: same(64 * MIB),
      nproc: same(processes),
      core: same(0),
    },
  });
}

/** The grader's socket comes as descriptor 0; the shell moves it to where nothing reads it by accident. */
function command({ limits: lab }: Launch): StepInput[] {
  const move = 'exec 3<&0 </dev/null; exec "$@"';
  return [
    { step: 'hostname', name: 'submission' },
    { step: 'init' },
    { step: 'closeDescriptors' },
    {
      step: 'exec',
      file: '/bin/sh',
      argv: ['sh', '-c', move, 'sh', NODE, ...nodeArguments(lab, HOME)],
      env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'HOME=/tmp', 'TMPDIR=/tmp'],
    },
  ];
}

/** All its processes together: what rlimits bound is each of them alone. Nothing where no cgroup is to be had. */
function memoryGroup({ limits: { memoryMiB } }: Launch): StepInput[] {
  host ??= discoverCgroups();
  if (whyNot(host, ['memory'])) return [];
  return limitSteps(host, { memory: (memoryMiB + OVERHEAD_MIB) * MIB }, cgroupName());
}

export interface Strength {
  /** With a user namespace, which an ordinary user needs for all the others and which disarms root. */
  user: boolean;
  /** With a cgroup, where this process may make one. */
  cgroup: boolean;
}

export function wallPlan(launch: Launch, { user, cgroup }: Strength): StepInput[] {
  const [hostname, ...rest] = command(launch) as [StepInput, ...StepInput[]];
  const maps = hostIdMaps();
  const group = cgroup ? memoryGroup(launch) : [];
  return [
    ...group,
    namespaceStep(['mnt', 'pid', 'net', 'ipc', 'uts', ...(user ? (['user'] as const) : [])]),
    ...(user ? [maps.step, ...becomeRoot(maps)] : []),
    hostname,
    ...rootDirectory(launch),
    ...(group.length ? [{ step: 'joined' } as const] : []),
    ...limits(launch),
    ...rest,
  ];
}
