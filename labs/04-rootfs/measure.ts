/** What each part of a root costs, from spawn to exit, beside a child that has its namespaces and the host's root. */
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentUser, helperPath, hostIdMaps, spawn, type StepInput } from 'ring3';
import { covers, dev, directory, newRoot, proc } from './solution.ts';

interface Row {
  target: string;
  median: number;
  spread: number;
  ratio: number;
}
interface Target {
  name: string;
  run(): Promise<void>;
}
type Harness = (time: () => number, targets: Target[], rounds: number) => Promise<Row[]> | Row[];

const ROUNDS = 25;
const MASKED = ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/proc/interrupts', '/proc/scsi'];
const MANY = 100;

function before(): StepInput[] {
  const user = currentUser();
  const { uid, gid } = user.root
    ? hostIdMaps(user).step
    : { uid: [{ outside: user.uid }], gid: [{ outside: user.gid }] };
  return [
    { step: 'namespaces', types: ['user', 'mnt', 'pid', 'ipc', 'uts'] },
    {
      step: 'idMap',
      uid: [{ inside: 0, outside: uid[0]!.outside, count: 1 }],
      gid: [{ inside: 0, outside: gid[0]!.outside, count: 1 }],
      setgroups: 'deny',
    },
    { step: 'gid', gid: 0 },
    { step: 'uid', uid: 0 },
    { step: 'propagation', target: '/', type: 'private' },
  ];
}

function target(name: string, file: string, steps: StepInput[]): Target {
  const plan: StepInput[] = [...before(), ...steps, { step: 'exec', file, argv: ['breakout'], env: [] }];
  return {
    name,
    async run() {
      await (
        await spawn(plan, { stdio: ['null', 'null', 'null'] })
      ).exited;
    },
  };
}

function targets(root: string): Target[] {
  const inside = '/bin/breakout';
  const spec = {
    root,
    readonly: false,
    binds: [],
    masked: MASKED,
    readonlyPaths: ['/proc/sys'],
    workdir: '/',
  };
  const places = [directory(`${root}/proc`), directory(`${root}/dev`)];
  const pivot: StepInput = { step: 'pivotRoot', root };
  const binds = Array.from({ length: MANY }, (): StepInput => ({
    step: 'bind',
    source: '/bin',
    target: `${root}/mnt`,
  }));
  const all = [...newRoot(spec), ...places, ...proc(spec), ...dev(spec), ...covers(spec)];
  return [
    target('namespaces, the host’s root', join(root, inside), []),
    target('chroot', inside, [
      { step: 'chroot', path: root },
      { step: 'workdir', path: '/' },
    ]),
    target('pivot_root', inside, [...newRoot(spec), pivot]),
    target('and proc, dev, masks', inside, [...all, pivot]),
    target(`and ${MANY} binds`, inside, [...all, directory(`${root}/mnt`), ...binds, pivot]),
  ];
}

export async function measure(harness: Harness): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ring3-measure-'));
  try {
    const root = join(folder, 'root');
    const [idMap] = before().filter((step) => step.step === 'idMap');
    chmodSync(folder, 0o755);
    for (const path of [root, join(root, 'bin')]) {
      mkdirSync(path);
      chownSync(path, idMap?.uid[0]?.outside ?? 0, idMap?.gid[0]?.outside ?? 0);
    }
    copyFileSync(helperPath('breakout'), join(root, 'bin', 'breakout'));
    return await harness(() => Number(process.hrtime.bigint()), targets(root), ROUNDS);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
