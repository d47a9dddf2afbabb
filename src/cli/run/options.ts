/** The words of `ring3 run` as a RunSpec. Every wrong one is an Error of one line that says what would be right. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Limits } from '../../confine/cgroups/index.ts';
import { hostIdMaps } from '../../confine/idmaps.ts';
import { DEFAULT_CAPABILITIES } from '../../confine/privileges.ts';
import { isShown } from '../../confine/rootfs/host.ts';
import { parseBind } from '../../confine/rootfs/binds.ts';
import { readInside } from '../../linux/files.ts';
import { CAPABILITIES, type Capability } from '../../linux/capabilities.ts';
import { seccompProgram } from '../../sandbox/seccomp.ts';
import type { RunSpec } from '../../sandbox/spec.ts';

export interface RunOptions {
  platform: string;
  rootfs?: string;
  bind: string[];
  workdir?: string;
  env: string[];
  user?: string;
  hostname: string;
  net: string;
  memory?: string;
  pids?: string;
  cpus?: string;
  capDrop: string[];
  capAdd: string[];
  seccomp: string;
  timeout?: string;
  init?: boolean;
  plan?: boolean;
  stats?: boolean;
  json?: boolean;
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const SIZE_UNITS: Record<string, number> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** `32M`, `1.5G`, `4096`: bytes. */
export function parseSize(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?$/i.exec(text);
  const bytes = match ? Math.floor(Number(match[1]) * SIZE_UNITS[match[2]!.toUpperCase()]!) : 0;
  if (!Number.isSafeInteger(bytes) || bytes <= 0) {
    throw new Error(`${option} ${text} is no size: write bytes, or a number with K, M or G, such as 64M.`);
  }
  return bytes;
}

function parseNumber(option: string, text: string, what: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || !Number.isFinite(value) || value <= 0) {
    throw new Error(`${option} ${text}: give ${what}.`);
  }
  return value;
}

function limitsOf({ memory, pids, cpus }: RunOptions): Limits {
  const limits: Limits = {};
  if (memory !== undefined) limits.memory = parseSize('--memory', memory);
  if (pids !== undefined) {
    if (!/^\d+$/.test(pids)) throw new Error(`--pids ${pids}: give a whole number of processes, such as 64.`);
    limits.pids = Number(pids);
  }
  if (cpus !== undefined) limits.cpus = parseNumber('--cpus', cpus, 'a share of cores, such as 0.5 or 2');
  return limits;
}

function parseCapability(option: string, name: string): Capability {
  const upper = name.toUpperCase();
  const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  const known = CAPABILITIES.find((capability) => capability === full);
  if (!known) throw new Error(`${option} ${name} is no capability: see capabilities(7), or write ALL.`);
  return known;
}

const isAll = (name: string): boolean => name.toUpperCase() === 'ALL';

function capabilitiesOf({ capDrop, capAdd }: RunOptions): Capability[] {
  const dropped = capDrop.filter((name) => !isAll(name)).map((name) => parseCapability('--cap-drop', name));
  const added = capAdd.filter((name) => !isAll(name)).map((name) => parseCapability('--cap-add', name));
  const start = capAdd.some(isAll) ? CAPABILITIES : capDrop.some(isAll) ? [] : DEFAULT_CAPABILITIES;
  return CAPABILITIES.filter(
    (name) => added.includes(name) || (start.includes(name) && !dropped.includes(name)),
  );
}

/** `KEY=VALUE`, or `KEY` for our own value of it. */
function environment(options: RunOptions, terminal: boolean): string[] {
  const entries = new Map([
    ['PATH', DEFAULT_PATH],
    ['HOME', '/root'],
  ]);
  if (terminal) entries.set('TERM', process.env.TERM ?? 'xterm');
  for (const text of options.env) {
    const at = text.indexOf('=');
    const key = at < 0 ? text : text.slice(0, at);
    if (!key) throw new Error(`--env ${text}: write KEY=VALUE, or KEY to hand on your own value.`);
    const value = at < 0 ? process.env[key] : text.slice(at + 1);
    if (value === undefined) throw new Error(`--env ${key}: you have no such variable; write ${key}=VALUE.`);
    entries.set(key, value);
  }
  return [...entries].map(([key, value]) => `${key}=${value}`);
}

/** `NAME`, `UID` or `UID:GID`; names are those of the guest's /etc/passwd (passwd(5)). */
function parseUser(text: string | undefined, rootfs: string | undefined): { uid: number; gid: number } {
  const user = text === undefined ? { uid: 0, gid: 0 } : lookUpUser(text, rootfs);
  const { step } = hostIdMaps();
  const inside = (map: typeof step.uid, id: number): boolean =>
    map.some((range) => range.inside <= id && id < range.inside + range.count);
  if (!inside(step.uid, user.uid) || !inside(step.gid, user.gid)) {
    throw new Error(
      `--user ${text}: you may map only your own id, which is 0 inside. For more, install newuidmap (apt-get install uidmap) and give yourself a range in /etc/subuid and /etc/subgid.`,
    );
  }
  return user;
}

function accounts(rootfs: string): string[][] {
  try {
    const text = readInside(rootfs, '/etc/passwd').toString();
    return text.split('\n').map((line) => line.split(':'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new Error(`--user: ${join(rootfs, 'etc/passwd')}: ${(error as Error).message}`, { cause: error });
  }
}

function lookUpUser(text: string, rootfs = '/'): { uid: number; gid: number } {
  const numbers = /^(\d{1,9})(?::(\d{1,9}))?$/.exec(text);
  const entry = accounts(rootfs).find((fields) => (numbers ? fields[2] === numbers[1] : fields[0] === text));
  if (numbers) return { uid: Number(numbers[1]), gid: Number(numbers[2] ?? entry?.[3] ?? numbers[1]) };
  const [uid, gid] = [Number(entry?.[2]), Number(entry?.[3])];
  if (!Number.isInteger(uid) || !Number.isInteger(gid)) {
    throw new Error(`--user ${text}: ${join(rootfs, 'etc/passwd')} has no such user; write UID or UID:GID.`);
  }
  return { uid, gid };
}

function parseRootfs(text: string): string {
  const path = resolve(text);
  if (!existsSync(path)) throw new Error(`--rootfs ${text}: there is no such folder.`);
  if (!statSync(path).isDirectory()) throw new Error(`--rootfs ${text} is not a folder.`);
  return realpathSync(path);
}

function parseWorkdir(text: string): string {
  if (!text.startsWith('/')) throw new Error(`--workdir ${text} must be an absolute path: it is one inside.`);
  return text;
}

function check(options: RunOptions): void {
  if (options.platform !== 'none') {
    throw new Error(
      `--platform ${options.platform} is not there yet: this version confines only, with --platform none.`,
    );
  }
  if (options.net !== 'none' && options.net !== 'host') {
    throw new Error(`--net ${options.net}: write none (only a loopback of its own) or host.`);
  }
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?$/.test(options.hostname)) {
    throw new Error(
      `--hostname ${options.hostname}: letters, digits, dots and hyphens, at most 64 (hostname(7)).`,
    );
  }
}

export function specOf(argv: readonly string[], options: RunOptions, terminal: RunSpec['terminal']): RunSpec {
  check(options);
  const rootfs = options.rootfs === undefined ? undefined : parseRootfs(options.rootfs);
  const capabilities = capabilitiesOf(options);
  const seccomp = seccompProgram(options.seccomp, capabilities);
  const workdir = options.workdir === undefined ? undefined : parseWorkdir(options.workdir);
  return {
    argv,
    env: environment(options, terminal !== undefined),
    binds: options.bind.map(parseBind),
    current: process.cwd(),
    workdir: workdir ?? (rootfs === undefined && isShown(process.cwd()) ? process.cwd() : '/'),
    user: parseUser(options.user, rootfs),
    hostname: options.hostname,
    net: options.net as RunSpec['net'],
    limits: limitsOf(options),
    capabilities,
    init: options.init ?? false,
    ...(rootfs !== undefined && { rootfs }),
    ...(seccomp !== undefined && { seccomp }),
    ...(options.timeout !== undefined && {
      timeout: parseNumber('--timeout', options.timeout, 'seconds, such as 10'),
    }),
    ...(terminal && { terminal }),
  };
}
