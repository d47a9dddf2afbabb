/** Lab 03 judges `afterExec` by the solution's. Here the kernel judges the solution's. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Credentials, ProgramFile } from '../../labs/03-privileges/exercise.ts';
import { afterExec } from '../../labs/03-privileges/solution.ts';
import { StepError } from '../../src/confine/child.ts';
import { execute } from '../../src/confine/execute.ts';
import type { StepInput } from '../../src/confine/plan.ts';
import { random } from '../../src/lab/random.ts';
import type { Identity } from '../../src/lab/grade/observe.ts';
import { CAPABILITIES, capabilitiesOf } from '../../src/linux/capabilities.ts';
import { program } from '../support/programs.ts';

const ALL = (1n << BigInt(CAPABILITIES.length)) - 1n;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ring3-exec-'));
  chmodSync(folder, 0o711);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As setcap(8) writes it: `cap_chown=ep cap_kill=ei`. */
function fileCapabilities({
  permitted,
  inheritable,
  effective,
}: NonNullable<ProgramFile['capabilities']>): string {
  const flags = (name: string) => {
    const bit = 1n << BigInt(CAPABILITIES.indexOf(name as never));
    return `${permitted & bit ? 'p' : ''}${inheritable & bit ? 'i' : ''}${effective ? 'e' : ''}`;
  };
  return capabilitiesOf(permitted | inheritable)
    .map((name) => `${name.toLowerCase()}=${flags(name)}`)
    .join(' ');
}

function install(file: ProgramFile): string {
  const path = join(folder, `guest-${Math.random().toString(36).slice(2)}`);
  copyFileSync(program('world'), path);
  chownSync(path, file.owner, 0);
  chmodSync(path, file.setuid ? 0o4755 : 0o755);
  if (file.capabilities) execFileSync('setcap', [fileCapabilities(file.capabilities), path]);
  return path;
}

/** The steps that make exactly this process, in a user namespace that maps each id to itself. */
function becoming(process: Credentials): StepInput[] {
  const identity = [{ inside: 0, outside: 0, count: 65_536 }];
  const sets = (effective: bigint, permitted: bigint): StepInput => ({
    step: 'capabilities',
    effective: capabilitiesOf(effective),
    permitted: capabilitiesOf(permitted),
    inheritable: capabilitiesOf(process.inheritable),
  });
  return [
    { step: 'namespaces', types: ['user', 'mnt'] },
    { step: 'idMap', uid: identity, gid: identity, setgroups: 'allow' },
    sets(ALL, ALL),
    { step: 'securebits', set: process.noroot ? ['keep-caps', 'noroot'] : ['keep-caps'] },
    { step: 'boundingSet', keep: capabilitiesOf(process.bounding) },
    { step: 'uid', uid: process.uids.real },
    sets(process.effective, process.permitted),
    { step: 'ambientSet', set: capabilitiesOf(process.ambient) },
  ];
}

async function kernel(process: Credentials, file: ProgramFile): Promise<Credentials | 'EPERM'> {
  const path = install(file);
  const plan = becoming(process);
  const nosuid: StepInput = { step: 'attributes', target: '/', set: ['nosuid'], recursive: true };
  if (file.nosuid) plan.splice(2, 0, nosuid);
  if (process.noNewPrivs) plan.push({ step: 'noNewPrivs' });
  const exec: StepInput = { step: 'exec', file: path, argv: ['world', 'identity'], env: [] };
  const done = await execute([...plan, exec]).catch((error: unknown) => {
    if (error instanceof StepError && error.step === 'exec' && error.code === 'EPERM') return undefined;
    throw error;
  });
  if (!done) return 'EPERM';
  const seen = JSON.parse(done.stdout) as Identity;
  const [real, effective, saved] = seen.uids;
  const set = (name: 'permitted' | 'effective' | 'inheritable' | 'bounding' | 'ambient') =>
    BigInt(`0x${seen[name]}`);
  return {
    uids: { real, effective, saved },
    permitted: set('permitted'),
    effective: set('effective'),
    inheritable: set('inheritable'),
    bounding: set('bounding'),
    ambient: set('ambient'),
    noroot: (seen.securebits & 1) === 1,
    noNewPrivs: seen.noNewPrivs === 1,
  };
}

const draw = random(20_240_311);
const some = () => (BigInt(draw.int(0, 0xffff)) << 16n) | BigInt(draw.int(0, 0xffff));

function makeProcess(real: number, on: string): Credentials {
  const [permitted, inheritable] = [some(), some()];
  return {
    uids: { real, effective: real, saved: real },
    permitted,
    effective: permitted & some(),
    inheritable,
    bounding: some(),
    ambient: permitted & inheritable,
    noroot: on === 'noroot',
    noNewPrivs: on === 'noNewPrivs',
  };
}

function installed(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

describe.each(['nothing', 'noroot', 'noNewPrivs', 'nosuid'])('with %s set', (on) => {
  const users = [0, 1000];
  const owners = [undefined, 0, 1234];
  const rights = ['none', 'plain', 'effective', 'refused'];
  const cases = users.flatMap((real) =>
    owners.flatMap((owner) => rights.map((right) => [real, owner, right] as const)),
  );
  it.for(cases)(
    'user %s runs a file setuid to %s with %s capabilities',
    async ([real, owner, right], context) => {
      if (process.geteuid!() !== 0) context.skip('needs root: files of other owners are made');
      if (right !== 'none' && !installed('setcap')) context.skip('needs setcap: it is not installed');
      const before = makeProcess(real, on);
      const file: ProgramFile = {
        owner: owner ?? 1234,
        setuid: owner !== undefined,
        nosuid: on === 'nosuid',
      };
      if (right !== 'none') {
        const permitted = right === 'effective' ? some() & before.bounding : some();
        file.capabilities = { permitted, inheritable: some(), effective: right !== 'plain' };
      }
      const expected = afterExec(before, file);
      expect(await kernel(before, file)).toEqual(expected);
      if (right !== 'refused' || on === 'nosuid') expect(expected).not.toBe('EPERM');
      else expect(expected).toBe('EPERM');
    },
  );
});
