/**
 * The only way to the host's files (gVisor: the gofer): a folder of the host and names below it. It never follows a
 * symbolic link, because links are the guest's and mean something else in its world; path.ts follows them.
 *
 * Everything here is a call to the host, so callers remember the answers. Errors come back as negative errno.
 */
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  type BigIntStats,
  type Dirent,
} from 'node:fs';
import { EIO, ENOENT } from '../../linux/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFREG, S_IFSOCK, S_IFIFO, S_IFCHR, S_IFBLK } from '../../linux/stat.ts';
import type { Stat, Time } from './stat.ts';

const { O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;

export interface HostName {
  name: string;
  /** The type's bits of a mode; 0 where the host's file system does not say. */
  type: number;
}

/** Bytes beyond ASCII in a path are not UTF-8 to us: names are latin1 strings, one character a byte. */
export function hostPath(path: string): string | Buffer {
  // oxlint-disable-next-line no-control-regex
  return /^[\0-\x7f]*$/.test(path) ? path : Buffer.from(path, 'latin1');
}

/** What a failed call of Node's says, as a negative errno. */
export function errnoOf(error: unknown): number {
  const { errno } = error as { errno?: unknown };
  return typeof errno === 'number' && errno < 0 && errno > -4096 ? errno : -EIO;
}

function attempt(call: () => void): number {
  try {
    call();
    return 0;
  } catch (error) {
    return errnoOf(error);
  }
}

export function lstat(path: string): Stat | number {
  try {
    const found = lstatSync(hostPath(path), { bigint: true, throwIfNoEntry: false });
    return found ? toStat(found) : -ENOENT;
  } catch (error) {
    return errnoOf(error);
  }
}

export function fstat(fd: number): Stat | number {
  try {
    return toStat(fstatSync(fd, { bigint: true }));
  } catch (error) {
    return errnoOf(error);
  }
}

function toTime(nanoseconds: bigint): Time {
  const seconds = nanoseconds / 1_000_000_000n;
  return { seconds: Number(seconds), nanoseconds: Number(nanoseconds - seconds * 1_000_000_000n) };
}

function toStat(found: BigIntStats): Stat {
  return {
    dev: Number(found.dev),
    ino: Number(found.ino),
    mode: Number(found.mode),
    nlink: Number(found.nlink),
    uid: Number(found.uid),
    gid: Number(found.gid),
    rdev: Number(found.rdev),
    size: Number(found.size),
    blksize: Number(found.blksize),
    blocks: Number(found.blocks),
    atime: toTime(found.atimeNs),
    mtime: toTime(found.mtimeNs),
    ctime: toTime(found.ctimeNs),
    btime: toTime(found.birthtimeNs),
  };
}

function typeOf(entry: Dirent): number {
  if (entry.isFile()) return S_IFREG;
  if (entry.isDirectory()) return S_IFDIR;
  if (entry.isSymbolicLink()) return S_IFLNK;
  if (entry.isSocket()) return S_IFSOCK;
  if (entry.isFIFO()) return S_IFIFO;
  if (entry.isCharacterDevice()) return S_IFCHR;
  return entry.isBlockDevice() ? S_IFBLK : 0;
}

export function list(path: string): HostName[] | number {
  try {
    const entries = readdirSync(hostPath(path), { encoding: 'latin1', withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, type: typeOf(entry) }));
  } catch (error) {
    return errnoOf(error);
  }
}

export function readlink(path: string): string | number {
  try {
    return readlinkSync(hostPath(path), { encoding: 'latin1' });
  } catch (error) {
    return errnoOf(error);
  }
}

/** @param flags of open(2). @returns a descriptor of ours */
export function open(path: string, flags: number, mode = 0): number {
  try {
    return openSync(hostPath(path), flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, mode);
  } catch (error) {
    return errnoOf(error);
  }
}

export function close(fd: number): void {
  closeSync(fd);
}

export const mkdir = (path: string, mode: number) => attempt(() => mkdirSync(hostPath(path), mode));
export const rmdir = (path: string) => attempt(() => rmdirSync(hostPath(path)));
export const unlink = (path: string) => attempt(() => unlinkSync(hostPath(path)));
export const rename = (from: string, to: string) => attempt(() => renameSync(hostPath(from), hostPath(to)));
export const link = (from: string, to: string) => attempt(() => linkSync(hostPath(from), hostPath(to)));
export const truncate = (path: string, length: number) => attempt(() => truncateSync(hostPath(path), length));
export const chmod = (path: string, mode: number) => attempt(() => chmodSync(hostPath(path), mode));
export const chown = (path: string, uid: number, gid: number) =>
  attempt(() => lchownSync(hostPath(path), uid, gid));
export const symlink = (target: string, path: string) =>
  attempt(() => symlinkSync(hostPath(target), hostPath(path)));
export const setTimes = (path: string, atime: Time, mtime: Time) =>
  attempt(() => lutimesSync(hostPath(path), inSeconds(atime), inSeconds(mtime)));

function inSeconds(time: Time): number {
  return time.seconds + time.nanoseconds / 1e9;
}
