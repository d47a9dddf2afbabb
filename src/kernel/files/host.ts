/**
 * The only way to the host's files (gVisor: the gofer): a folder of the host and names below it. It never follows a
 * symbolic link, because links are the guest's and mean something else in its world; path.ts follows them.
 *
 * Everything here is a call to the host, so callers remember the answers. Errors come back as negative errno.
 */
import {
  chmodSync,
  constants,
  linkSync,
  lchownSync,
  lutimesSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
} from 'node:fs';
import { addon } from '../../linux/addon.ts';
import { EIO, ERANGE } from '../../linux/errno.ts';
import type { Stat, Time } from './stat.ts';

const { O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;

const { hostStat, hostStatDescriptor, hostList, hostOpen, hostRead, hostClose } = addon();

export interface HostName {
  name: string;
  ino: number;
  /** As in struct linux_dirent64; 0 where the host's file system does not say. */
  type: number;
}

const status = new Float64Array(18);
let names = Buffer.alloc(32 * 1024);
const MOST_BYTES_OF_NAMES = 64 * 1024 * 1024;
/** struct linux_dirent64 (getdents(2)) */
const LENGTH = 16;
const TYPE = 18;
const NAME = 19;

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
  const error = hostStat(path, status);
  return error < 0 ? error : newestStat();
}

export function fstat(fd: number): Stat | number {
  const error = hostStatDescriptor(fd, status);
  return error < 0 ? error : newestStat();
}

/** What `status` says. */
function newestStat(): Stat {
  return {
    dev: number(0),
    ino: number(1),
    mode: number(2),
    nlink: number(3),
    uid: number(4),
    gid: number(5),
    rdev: number(6),
    size: number(7),
    blksize: number(8),
    blocks: number(9),
    atime: { seconds: number(10), nanoseconds: number(11) },
    mtime: { seconds: number(12), nanoseconds: number(13) },
    ctime: { seconds: number(14), nanoseconds: number(15) },
    btime: { seconds: number(16), nanoseconds: number(17) },
  };
}

/** As a small integer where it is one: V8 keeps any other number of an object in an object of its own. */
function number(at: number): number {
  const value = status[at]!;
  const small = value | 0;
  return small === value ? small : value;
}

/** All names of a folder but `.` and `..`. */
export function list(path: string): HostName[] | number {
  let length = hostList(path, names);
  while (length === -ERANGE && names.length < MOST_BYTES_OF_NAMES) {
    names = Buffer.alloc(names.length * 4);
    length = hostList(path, names);
  }
  if (length < 0) return length;
  const found: HostName[] = [];
  for (let at = 0; at < length; at += names.readUInt16LE(at + LENGTH)) {
    const name = nameAt(at);
    if (name === '.' || name === '..') continue;
    const high = names.readUInt32LE(at + 4);
    const ino = high === 0 ? names.readUInt32LE(at) : names.readUInt32LE(at) + high * 2 ** 32;
    found.push({ name, ino, type: names[at + TYPE]! });
  }
  return found;
}

/** What is in a record behind the name's NUL is left from before. */
function nameAt(record: number): string {
  let end = record + NAME;
  while (names[end] !== 0) end++;
  return names.latin1Slice(record + NAME, end);
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
  return hostOpen(path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, mode);
}

export function close(fd: number): void {
  hostClose(fd);
}

/** Reads until the buffer's stretch is full or the file ends. @returns how many bytes, or -errno */
export function read(fd: number, buffer: Buffer, start: number, length: number, position: number): number {
  return hostRead(fd, buffer, start, length, position);
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
