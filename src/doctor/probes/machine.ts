/** What the machine itself brings: Node, processors, /dev/kvm, a file system that keeps modes. */
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { addon, helperPath, packageRoot } from '../../linux/addon.ts';
import { ALL_LABS } from '../labs.ts';
import type { Finding, ProbeDefinition } from '../result.ts';
import { nativeProbe } from './native.ts';

const group = 'machine';
const OLDEST_NODE = 20;

const node: ProbeDefinition = {
  id: 'node',
  title: `Node ${OLDEST_NODE} or newer`,
  group,
  neededBy: ALL_LABS,
  why: 'ring3 is written in TypeScript',
  async look() {
    const ok = Number(process.versions.node.split('.')[0]) >= OLDEST_NODE;
    return { ok, seen: `${process.version} on ${process.arch}` };
  },
};

const build: ProbeDefinition = {
  id: 'build',
  title: 'ring3 is built',
  group,
  neededBy: ALL_LABS,
  why: 'the probes themselves, and the helper that starts children, are compiled',
  async look() {
    try {
      const [probe, shim] = [helperPath('probe'), helperPath('ring3-shim')];
      addon();
      return { ok: true, seen: `${dirname(shim)} has ${basename(shim)}, ${basename(probe)} and the addon` };
    } catch (error) {
      return { ok: false, seen: (error as Error).message, fix: `cd ${packageRoot} && npm run build` };
    }
  },
};

const ARCHITECTURES = ['x64', 'arm64'];

const architecture: ProbeDefinition = {
  id: 'architecture',
  title: 'x86-64 or arm64, 64 bits',
  group,
  neededBy: ALL_LABS,
  why: 'system call numbers, registers and filters are written for these two',
  async look() {
    return { ok: ARCHITECTURES.includes(process.arch), seen: process.arch };
  },
};

/** Windows drives in WSL, and some shared folders of virtual machines, show every file with the same mode. */
const modes: ProbeDefinition = {
  id: 'file-modes',
  title: 'files keep their modes',
  group,
  neededBy: [],
  why: 'a check of permissions means nothing where chmod has no effect',
  async look() {
    const errors: string[] = [];
    for (const parent of [packageRoot, process.cwd(), tmpdir()]) {
      try {
        return tryModes(parent);
      } catch (error) {
        errors.push((error as Error).message);
      }
    }
    return { ok: false, seen: errors[0] ?? 'no folder to try it in' };
  },
};

/** Throws when the folder is not ours to write in. */
function tryModes(parent: string): Finding {
  const folder = mkdtempSync(join(parent, '.ring3-doctor-'));
  try {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const mode of [0o640, 0o751]) {
      chmodSync(file, mode);
      const seen = statSync(file).mode & 0o777;
      if (seen !== mode) {
        return {
          ok: false,
          seen: `${parent}: after chmod ${mode.toString(8)} the mode is ${seen.toString(8)}`,
        };
      }
    }
    symlinkSync('file', join(folder, 'link'));
    if (existsSync(join(folder, 'FILE'))) return { ok: false, seen: `${parent}: file and FILE are the same` };
    return { ok: true, seen: `modes, links and case in ${parent}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const machineProbes: ProbeDefinition[] = [
  node,
  build,
  architecture,
  nativeProbe({
    id: 'cores',
    title: 'two cores or more',
    group,
    neededBy: [],
    why: 'a guest and its kernel run side by side; measurements are steadier',
    otherwise: () => 'guest and kernel take turns, and every call costs a switch',
  }),
  nativeProbe({
    id: 'kvm',
    title: '/dev/kvm',
    group,
    neededBy: [20],
    why: 'a guest in a virtual machine of its own',
  }),
  modes,
];
