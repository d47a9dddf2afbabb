/**
 * Running a command under another kernel: user-mode-linux, Linux as an ordinary process. It sees the host's files
 * read-only, and cgroups as the caller wants them, whatever the host itself has. README.md says more.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export const project = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

export interface UmlOptions {
  /** How the cgroups inside are mounted; v2 unless told. */
  cgroups?: 'v2' | 'v1' | 'hybrid' | 'none';
  /** Where the command starts; the project's folder unless told. */
  folder?: string;
  env?: Record<string, string>;
  /** From boot to power-off; 60 seconds unless told. */
  timeoutMs?: number;
  memoryMib?: number;
  /** Copy what the command prints to our own stdout and stderr as it comes. */
  show?: boolean;
}

export interface UmlResult {
  /** Of the command, 128 + signal when it was killed; undefined when the kernel inside did not come so far. */
  status: number | undefined;
  stdout: string;
  stderr: string;
  /** What the command wrote into the file $RING3_RESULT; empty when nothing. */
  file: string;
  /** What the kernel inside and user-mode-linux itself said. */
  console: string;
  timedOut: boolean;
  /** The hypervisor process, gone now. */
  pid: number;
}

/** Why nothing can run in user-mode-linux here, and what to do; undefined when it can be tried. */
export function umlProblem(path = process.env.PATH ?? ''): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return 'user-mode-linux runs on Linux on x86-64 only';
  if (findUml(path)) return undefined;
  return 'linux.uml is not installed; on Debian, as root: apt-get install --no-install-recommends user-mode-linux';
}

/** Runs a command to its end inside. Leaves no process and no file; throws only when it cannot be started at all. */
export async function runInUml(argv: readonly string[], options: UmlOptions = {}): Promise<UmlResult> {
  const uml = findUml(process.env.PATH ?? '');
  if (!uml) throw new Error(umlProblem());
  const scratch = mkdtempSync(join(executableFolder(), 'ring3-uml-'));
  const tidy = () => rmSync(scratch, { recursive: true, force: true });
  process.once('exit', tidy);
  try {
    writeFileSync(join(scratch, 'job'), job(argv, options));
    return await boot(uml, scratch, options);
  } finally {
    tidy();
    process.off('exit', tidy);
  }
}

async function boot(uml: string, scratch: string, options: UmlOptions): Promise<UmlResult> {
  const parameters = [
    `mem=${options.memoryMib ?? 1024}M`,
    'root=/dev/root rootfstype=hostfs rootflags=/ ro quiet',
    `init=${join(project, 'test/uml/init.sh')}`,
    `RING3_JOB=${scratch}`,
    `uml_dir=${scratch}`,
    'con=null con0=null,fd:1 ssl=null ssl0=null,fd:3 ssl1=null,fd:4 ssl2=null,fd:5 ssl3=null,fd:6',
  ].flatMap((each) => each.split(' '));
  // A session of its own: its processes on the host, one for each inside, can then be ended together.
  const child = spawn(uml, parameters, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: scratch },
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killAll(child);
  }, timeoutOf(options));
  // Ctrl-C reaches only our own process group. When we are killed, the watchdog of init.sh is left.
  const abort = () => killAll(child);
  process.once('exit', abort);
  try {
    const [kernel, own, stdout, stderr, status, file] = await Promise.all([
      text(child, 1),
      text(child, 2),
      text(child, 3, options.show ? process.stdout : undefined),
      text(child, 4, options.show ? process.stderr : undefined),
      text(child, 5),
      text(child, 6),
      exited(child),
    ]);
    const told = /^\d+$/m.exec(status)?.[0];
    return {
      status: told === undefined ? undefined : Number(told),
      stdout,
      stderr,
      file,
      console: own + kernel,
      timedOut,
      pid: child.pid ?? 0,
    };
  } finally {
    clearTimeout(timer);
    process.off('exit', abort);
    killAll(child);
  }
}

/** Shell assignments, and a function that becomes the command. */
function job(argv: readonly string[], options: UmlOptions): string {
  const path = [dirname(process.execPath), '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
  const env = {
    PATH: path.join(delimiter),
    HOME: '/tmp/home',
    TERM: 'dumb',
    CI: '1',
    RING3_UML: '1',
    RING3_RESULT: '/run/result',
    ...options.env,
  };
  return [
    `PROJECT=${quote(project)}`,
    `FOLDER=${quote(options.folder ?? project)}`,
    `CGROUPS=${options.cgroups ?? 'v2'}`,
    `WATCHDOG=${Math.ceil(timeoutOf(options) / 1000) + 5}`,
    ...Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}`),
    `run() { ${argv.map(quote).join(' ')}; }`,
    '',
  ].join('\n');
}

function timeoutOf(options: UmlOptions): number {
  return options.timeoutMs ?? 60_000;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

async function text(child: ChildProcess, fd: number, copy?: NodeJS.WritableStream): Promise<string> {
  const kept: Buffer[] = [];
  for await (const chunk of child.stdio[fd] as Readable) {
    kept.push(chunk as Buffer);
    copy?.write(chunk as Buffer);
  }
  return Buffer.concat(kept).toString();
}

function exited(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
}

function killAll(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function findUml(path: string): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, 'linux.uml'))
    .find(executable);
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The memory inside is a file that must be mappable as code; Docker's /dev/shm is not. */
function executableFolder(): string {
  const mount = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .find((line) => line.split(' ')[1] === '/dev/shm');
  return mount && !mount.split(' ')[3]?.split(',').includes('noexec') ? '/dev/shm' : tmpdir();
}
