/** Who a test runs as: root's tests are made as an ordinary user too. */
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../../', import.meta.url));
const ORDINARY = 'student';

export interface Identity {
  name: string;
  uid: number;
  gid: number;
  home: string;
  /** For child_process: nothing when we are already that user. */
  ids: { uid?: number; gid?: number };
  /** What a child of this identity finds in its environment. */
  env: Record<string, string>;
}

function identity(name: string, uid: number, gid: number, home: string, ids: Identity['ids']): Identity {
  return {
    name,
    uid,
    gid,
    home,
    ids,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: home, USER: name },
  };
}

function passwdEntry(name: string): string[] | undefined {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  return lines.map((line) => line.split(':')).find(([user]) => user === name);
}

/** Ourselves; and, when that is root, the user `student`, who is made when missing (useradd(8)). */
export function identities(): Identity[] {
  const us = userInfo();
  const self = identity(us.username, us.uid, us.gid, us.homedir, {});
  if (us.uid !== 0) return [self];
  // Test files run side by side: one of them makes the user, and the others find it made.
  for (let tries = 0; !passwdEntry(ORDINARY) && tries < 20; tries++)
    spawnSync('useradd', ['-m', '-s', '/bin/sh', ORDINARY]);
  const entry = passwdEntry(ORDINARY);
  if (!entry)
    throw new Error(`useradd could not make ${ORDINARY}: run \`useradd -m ${ORDINARY}\` and see why.`);
  const [, , uid, gid, , home] = entry;
  const ids = { uid: Number(uid), gid: Number(gid) };
  return [self, identity(ORDINARY, ids.uid, ids.gid, home!, ids)];
}

/** Why the identity cannot run this copy of ring3; undefined when it can. */
export function cannotRun({ name, ids }: Identity): string | undefined {
  const node = process.execPath;
  try {
    accessSync(`${project}dist/cli/main.js`, constants.R_OK);
  } catch {
    return 'needs dist/cli/main.js: npm run build';
  }
  try {
    execFileSync(node, ['-e', `require('fs').accessSync(${JSON.stringify(`${project}dist/cli/main.js`)})`], {
      ...ids,
      cwd: '/',
      stdio: 'pipe',
      timeout: 20_000,
    });
    return undefined;
  } catch {
    return `needs ${node} and ${project} to be readable by ${name}`;
  }
}

/** The command that starts `ring3 run` with these options. */
export function ring3Run(...options: string[]): string[] {
  return [process.execPath, `${project}dist/cli/main.js`, 'run', '--platform', 'none', ...options];
}
