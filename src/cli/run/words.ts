/** The values of options as they are written. Every wrong one is an Error of one line that says what would be right. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readInside } from '../../linux/files.ts';

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

export function parseNumber(option: string, text: string, what: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || !Number.isFinite(value) || value <= 0) {
    throw new Error(`${option} ${text}: give ${what}.`);
  }
  return value;
}

export function parseCount(pids: string): number {
  if (!/^\d+$/.test(pids)) throw new Error(`--pids ${pids}: give a whole number of processes, such as 64.`);
  return Number(pids);
}

/** `KEY=VALUE`, or `KEY` for our own value of it. */
export function environment(given: readonly string[], terminal: boolean): string[] {
  const entries = new Map([
    ['PATH', DEFAULT_PATH],
    ['HOME', '/root'],
  ]);
  if (terminal) entries.set('TERM', process.env.TERM ?? 'xterm');
  for (const text of given) {
    const at = text.indexOf('=');
    const key = at < 0 ? text : text.slice(0, at);
    if (!key) throw new Error(`--env ${text}: write KEY=VALUE, or KEY to hand on your own value.`);
    const value = at < 0 ? process.env[key] : text.slice(at + 1);
    if (value === undefined) throw new Error(`--env ${key}: you have no such variable; write ${key}=VALUE.`);
    entries.set(key, value);
  }
  return [...entries].map(([key, value]) => `${key}=${value}`);
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

export function lookUpUser(text: string, rootfs = '/'): { uid: number; gid: number } {
  const numbers = /^(\d{1,9})(?::(\d{1,9}))?$/.exec(text);
  const entry = accounts(rootfs).find((fields) => (numbers ? fields[2] === numbers[1] : fields[0] === text));
  if (numbers) return { uid: Number(numbers[1]), gid: Number(numbers[2] ?? entry?.[3] ?? numbers[1]) };
  const [uid, gid] = [Number(entry?.[2]), Number(entry?.[3])];
  if (!Number.isInteger(uid) || !Number.isInteger(gid)) {
    throw new Error(`--user ${text}: ${join(rootfs, 'etc/passwd')} has no such user; write UID or UID:GID.`);
  }
  return { uid, gid };
}

export function parseRootfs(text: string): string {
  const path = resolve(text);
  if (!existsSync(path)) throw new Error(`--rootfs ${text}: there is no such folder.`);
  if (!statSync(path).isDirectory()) throw new Error(`--rootfs ${text} is not a folder.`);
  return realpathSync(path);
}

export function parseWorkdir(text: string): string {
  if (!text.startsWith('/')) throw new Error(`--workdir ${text} must be an absolute path: it is one inside.`);
  return text;
}

export function checkHostname(name: string): void {
  if (/^[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?$/.test(name)) return;
  throw new Error(`--hostname ${name}: letters, digits, dots and hyphens, at most 64 (hostname(7)).`);
}
