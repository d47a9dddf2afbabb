/**
 * Doing a thing as an ordinary user, also from tests that run as root.
 *
 * As root: in a mount namespace of its own in which the project is bound to /mnt, because a clone in root's temporary
 * folder can be reached by nobody else; under the ids of a user made for it. As an ordinary user: simply so.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execute, type Executed } from '../../src/confine/execute.ts';
import type { StepInput } from '../../src/confine/plan.ts';

export const isRoot = process.getuid!() === 0;
const USER = 'ring3-tester';
const here = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/** Where the project lies for the ordinary user. */
export const project = isRoot ? '/mnt' : here;

function account(): { uid: number; gid: number; home: string } {
  const find = (): string[] | undefined =>
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .find(([name]) => name === USER);
  // Test files run side by side: one of them makes the user, and the others find it made.
  for (let tries = 0; !find() && tries < 20; tries++) spawnSync('useradd', ['-m', USER]);
  const fields = find();
  if (!fields) throw new Error(`useradd could not make ${USER}: run \`useradd -m ${USER}\` and see why.`);
  return { uid: Number(fields[2]), gid: Number(fields[3]), home: fields[5]! };
}

export interface OrdinaryOptions {
  workdir?: string;
  env?: string[];
  input?: string;
  timeoutMs?: number;
}

export async function asOrdinary(argv: string[], options: OrdinaryOptions = {}): Promise<Executed> {
  const become: StepInput[] = [];
  let home = process.env.HOME ?? '/';
  if (isRoot) {
    const { uid, gid, home: theirs } = account();
    home = theirs;
    become.push(
      { step: 'namespaces', types: ['mnt'] },
      { step: 'propagation', target: '/', type: 'private' },
      { step: 'bind', source: here, target: '/mnt', recursive: true },
      { step: 'groups', gids: [] },
      { step: 'gid', gid },
      { step: 'uid', uid },
    );
  }
  const env = [`PATH=${process.env.PATH}`, `HOME=${home}`, ...(options.env ?? [])];
  const exec: StepInput = { step: 'exec', file: argv[0]!, argv, env, search: process.env.PATH!.split(':') };
  const { input, timeoutMs = 30_000 } = options;
  return execute([...become, { step: 'workdir', path: options.workdir ?? home }, exec], {
    timeoutMs,
    ...(input !== undefined && { input }),
  });
}

/** Whether ordinary users may make user namespaces here: by making one. */
export async function ordinaryNamespaces(): Promise<boolean> {
  const { exit } = await asOrdinary(['unshare', '--user', '--map-root-user', 'true']);
  return exit.code === 0;
}
