/** What attempts are aimed at: secrets, bystanders, jails and sockets of one user, outside of any sandbox. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { program } from '../support/programs.ts';
import type { Identity } from '../support/identity.ts';

interface Bystander {
  pid: number;
  /** Of its secret, in its memory. */
  address: string;
  /** An open file with the secret. */
  descriptor: number;
  /** Of a System V segment. */
  key: number;
  /** The name of a POSIX segment. */
  shared: string;
  /** Where it listens on 127.0.0.1. */
  port: number;
}

export interface Stage {
  identity: Identity;
  /** Readable inside the default run too: what must stay outside lies elsewhere. */
  folder: string;
  /** What all that is worth stealing says. */
  token: string;
  /** A file in a home directory; its folder is world-readable, so that only confinement hides it. */
  secret: string;
  bystander: Bystander;
  /** Paths of the unix sockets on which the bystander listens. */
  sockets: string[];
  /** Is there an interop socket like WSL's? Only root can put one there. */
  wsl: boolean;
  /** The names of the host's namespaces, as readlink of /proc/self/ns/KIND. */
  namespace(kind: string): string;
  /** A copy of `attempts/NAME.c`, compiled, that everybody may execute. */
  attempt(name: string): string;
  /** The same of `support/NAME.c`. */
  support(name: string): string;
  /** A folder to change the root to, with the attempt in it as /attempt. Nothing else is below but /tmp. */
  jail(name: string): string;
  /** A folder of the identity's own. */
  own(name: string, mode?: number): string;
  close(): Promise<void>;
}

function compiled(bin: string, kind: string, name: string): string {
  const copy = join(bin, name);
  if (!existsSync(copy)) {
    copyFileSync(program(`test/escape/${kind}/${name}.c`), copy);
    chmodSync(copy, 0o755);
  }
  return copy;
}

async function startBystander(path: string, args: string[], identity: Identity) {
  const child = spawn(path, args, { ...identity.ids, stdio: ['pipe', 'pipe', 'inherit'], cwd: '/' });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data: Buffer) => resolve(data.toString()));
    child.once('exit', (code) => reject(new Error(`the bystander ended with ${code} before it was ready`)));
    child.once('error', reject);
  });
  return { child, bystander: JSON.parse(line) as Bystander };
}

/** Its sockets and segments are its own to remove, when its input ends. */
async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdin?.end();
  await ended;
}

/** A home that attempts must not see: root's lies beside the others, for nobody may enter /root anyway. */
function hiddenFolder(identity: Identity): string {
  const parent = identity.uid === 0 ? '/home/' : `${identity.home}/.`;
  return mkdtempSync(`${parent}ring3-escape-`);
}

export async function openStage(identity: Identity): Promise<Stage> {
  const name = `ring3-escape-${randomBytes(4).toString('hex')}`;
  const token = `secret-${randomBytes(8).toString('hex')}`;
  const folder = mkdtempSync('/var/tmp/ring3-escape-');
  const home = hiddenFolder(identity);
  const own = (path: string, mode = 0o755): string => {
    mkdirSync(path, { recursive: true });
    chmodSync(path, mode);
    chownSync(path, identity.uid, identity.gid);
    return path;
  };
  own(folder);
  own(home);
  const secret = join(home, 'secret');
  writeFileSync(secret, `${token}\n`);
  const bin = own(join(folder, 'bin'));

  const root = identity.uid === 0;
  const wslFolder = root && !existsSync('/run/WSL') ? '/run/WSL' : undefined;
  if (wslFolder) mkdirSync(wslFolder, { mode: 0o755 });
  const sockets = [join(folder, 'socket'), join(home, 'socket'), `/tmp/${name}.socket`];
  if (root) sockets.push(`/run/${name}.sock`);
  const interop = wslFolder ? [`${wslFolder}/1_interop`] : [];
  const { child, bystander } = await startBystander(
    compiled(bin, 'support', 'bystander'),
    [name, token, ...sockets, ...interop],
    identity,
  );

  return {
    identity,
    folder,
    token,
    secret,
    bystander,
    sockets,
    wsl: interop.length > 0,
    namespace: (kind) => readlinkSync(`/proc/self/ns/${kind}`),
    attempt: (file) => compiled(bin, 'attempts', file),
    support: (file) => compiled(bin, 'support', file),
    jail(file) {
      const jail = own(join(folder, `jail-${file}`));
      own(join(jail, 'tmp'), 0o1777);
      if (!existsSync(join(jail, 'attempt')))
        copyFileSync(compiled(bin, 'attempts', file), join(jail, 'attempt'));
      return jail;
    },
    own: (path, mode) => own(join(folder, path), mode),
    async close() {
      await end(child);
      for (const path of [folder, home, ...(wslFolder ? [wslFolder] : [])])
        rmSync(path, { recursive: true, force: true });
    },
  };
}

/** A symbolic link that belongs to the identity. */
export function link(stage: Stage, target: string, path: string): void {
  symlinkSync(target, path);
  lchownSync(path, stage.identity.uid, stage.identity.gid);
}

/** The library of support/runtime-preload.c: the only one that is not an executable. */
export function preloadLibrary(stage: Stage): string {
  const library = join(stage.folder, 'preload.so');
  const source = new URL('support/runtime-preload.c', import.meta.url).pathname;
  if (!existsSync(library))
    execFileSync('cc', ['-O1', '-shared', '-fPIC', '-o', library, source], { timeout: 60_000 });
  return library;
}
