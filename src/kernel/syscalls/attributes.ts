/** Changing what is known about a file: permissions, owner, times, length (chmod(2), chown(2), utimensat(2), truncate(2)). */
import { EBADF, EINVAL, EISDIR, EOPNOTSUPP, EPERM, EROFS } from '../../linux/errno.ts';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW } from '../../linux/open-flags.ts';
import { S_IFMT, S_ISGID, S_ISUID } from '../../linux/stat.ts';
import type { Dentry } from '../files/dentry.ts';
import type { FileDescription } from '../files/description.ts';
import type { Attributes, Inode } from '../files/inode.ts';
import { lookup } from '../files/path.ts';
import { isOwner, MAY_WRITE, permission } from '../files/permissions.ts';
import { now, type Time } from '../files/stat.ts';
import { pathsChanged } from '../files/walk-cache.ts';
import { inGroup } from '../tasks/credentials.ts';
import type { Task } from '../tasks/task.ts';
import type { SyscallFamily } from './handler.ts';
import { fileAt } from './metadata.ts';

/** The inode that a path or a descriptor means; what has no name in a file system cannot be changed. */
function inodeOf(file: Dentry | FileDescription | number): Inode | number {
  if (typeof file === 'number') return file;
  if ('references' in file) return file.dentry?.inode ?? -EPERM;
  return file.inode!;
}

function change(inode: Inode, attributes: Attributes): number {
  const result = inode.setAttributes(attributes);
  if (result === 0 && inode.isDirectory) pathsChanged();
  return result;
}

function changeMode(task: Task, inode: Inode | number, mode: number): number {
  if (typeof inode === 'number') return inode;
  if (inode.superblock.readOnly) return -EROFS;
  const { credentials } = task;
  if (!isOwner(inode, credentials)) return -EPERM;
  if (inode.isSymlink) return -EOPNOTSUPP;
  let wanted = mode & 0o7777;
  if (credentials.fsuid !== 0 && !inGroup(credentials, inode.status.gid)) wanted &= ~S_ISGID;
  return change(inode, { mode: wanted });
}

function modeAt(task: Task, directory: number, path: number, mode: number, flags: number): number {
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL;
  return changeMode(task, inodeOf(fileAt(task, directory, task.memory.readString(path), flags)), mode);
}

const chmod = (task: Task, args: Float64Array) => modeAt(task, AT_FDCWD, args[0]!, args[1]! | 0, 0);
const fchmodat = (task: Task, args: Float64Array) => modeAt(task, args[0]! | 0, args[1]!, args[2]! | 0, 0);
const fchmodat2 = (task: Task, args: Float64Array) =>
  modeAt(task, args[0]! | 0, args[1]!, args[2]! | 0, args[3]! | 0);
const fchmod = (task: Task, args: Float64Array) =>
  changeMode(task, inodeOf(openFile(task, args[0]! | 0)), args[1]! | 0);

/** A descriptor that is more than a name. Fails with EBADF. */
function openFile(task: Task, fd: number): FileDescription | number {
  const file = task.files.get(fd);
  return file.readable || file.writable ? file : -EBADF;
}

function changeOwner(task: Task, inode: Inode | number, uid: number, gid: number): number {
  if (typeof inode === 'number') return inode;
  if (inode.superblock.readOnly) return -EROFS;
  const { credentials } = task;
  const { status } = inode;
  if (credentials.fsuid !== 0) {
    const keepsOwner = uid === -1 || uid >>> 0 === status.uid;
    const mayGroup = gid === -1 || inGroup(credentials, gid >>> 0);
    if (credentials.fsuid !== status.uid || !keepsOwner || !mayGroup) return -EPERM;
  }
  const attributes: Attributes = {};
  if (uid !== -1) attributes.uid = uid >>> 0;
  if (gid !== -1) attributes.gid = gid >>> 0;
  // chown(2): set-user-ID does not outlive a change of owner.
  if (!inode.isDirectory && status.mode & (S_ISUID | S_ISGID)) {
    attributes.mode = status.mode & ~S_IFMT & ~(S_ISUID | S_ISGID);
  }
  return change(inode, attributes);
}

function ownerAt(task: Task, directory: number, path: number, owner: number[], flags: number): number {
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL;
  const file = fileAt(task, directory, task.memory.readString(path), flags);
  return changeOwner(task, inodeOf(file), owner[0]! | 0, owner[1]! | 0);
}

const chown = (task: Task, args: Float64Array) => ownerAt(task, AT_FDCWD, args[0]!, [args[1]!, args[2]!], 0);
const lchown = (task: Task, args: Float64Array) =>
  ownerAt(task, AT_FDCWD, args[0]!, [args[1]!, args[2]!], AT_SYMLINK_NOFOLLOW);
const fchownat = (task: Task, args: Float64Array) =>
  ownerAt(task, args[0]! | 0, args[1]!, [args[2]!, args[3]!], args[4]! | 0);
const fchown = (task: Task, args: Float64Array) =>
  changeOwner(task, inodeOf(openFile(task, args[0]! | 0)), args[1]! | 0, args[2]! | 0);

const UTIME_NOW = 0x3fff_ffff;
const UTIME_OMIT = 0x3fff_fffe;

/** Times to set; undefined means now, null leaves one as it is. */
interface Times {
  atime: Time | undefined | null;
  mtime: Time | undefined | null;
}

function changeTimes(task: Task, inode: Inode | number, times: Times): number {
  if (typeof inode === 'number') return inode;
  const { atime, mtime } = times;
  if (atime === null && mtime === null) return 0;
  if (inode.superblock.readOnly) return -EROFS;
  if (!isOwner(inode, task.credentials)) {
    if (atime !== undefined || mtime !== undefined) return -EPERM;
    const error = permission(inode, task.credentials, MAY_WRITE);
    if (error < 0) return error;
  }
  const attributes: Attributes = {};
  if (atime !== null) attributes.atime = atime ?? now();
  if (mtime !== null) attributes.mtime = mtime ?? now();
  return inode.setAttributes(attributes);
}

function readTimespec(task: Task, address: number): Time | undefined | null {
  const nanoseconds = task.memory.readI64(address + 8);
  if (nanoseconds === UTIME_NOW) return undefined;
  if (nanoseconds === UTIME_OMIT) return null;
  return { seconds: task.memory.readI64(address), nanoseconds };
}

function isValid(time: Time | undefined | null): boolean {
  return !time || (time.nanoseconds >= 0 && time.nanoseconds < 1e9);
}

function utimensat(task: Task, args: Float64Array): number {
  const flags = args[3]! | 0;
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL;
  const at = args[2]!;
  const times: Times =
    at === 0
      ? { atime: undefined, mtime: undefined }
      : { atime: readTimespec(task, at), mtime: readTimespec(task, at + 16) };
  if (!isValid(times.atime) || !isValid(times.mtime)) return -EINVAL;
  // futimens(3): without a path the descriptor's own file is meant.
  if (args[1] === 0) return changeTimes(task, inodeOf(task.files.get(args[0]! | 0)), times);
  const file = fileAt(task, args[0]! | 0, task.memory.readString(args[1]!), flags);
  return changeTimes(task, inodeOf(file), times);
}

function readTimeval(task: Task, address: number): Time {
  return { seconds: task.memory.readI64(address), nanoseconds: task.memory.readI64(address + 8) * 1000 };
}

function timesAt(task: Task, directory: number, path: number, at: number): number {
  const times: Times =
    at === 0
      ? { atime: undefined, mtime: undefined }
      : { atime: readTimeval(task, at), mtime: readTimeval(task, at + 16) };
  if (!isValid(times.atime) || !isValid(times.mtime)) return -EINVAL;
  return changeTimes(task, inodeOf(fileAt(task, directory, task.memory.readString(path), 0)), times);
}

const utimes = (task: Task, args: Float64Array) => timesAt(task, AT_FDCWD, args[0]!, args[1]!);
const futimesat = (task: Task, args: Float64Array) => timesAt(task, args[0]! | 0, args[1]!, args[2]!);

function utime(task: Task, args: Float64Array): number {
  const at = args[1]!;
  const second = (address: number): Time => ({ seconds: task.memory.readI64(address), nanoseconds: 0 });
  const times: Times =
    at === 0 ? { atime: undefined, mtime: undefined } : { atime: second(at), mtime: second(at + 8) };
  return changeTimes(task, inodeOf(fileAt(task, AT_FDCWD, task.memory.readString(args[0]!), 0)), times);
}

function truncate(task: Task, args: Float64Array): number {
  if (args[1]! < 0) return -EINVAL;
  const found = lookup(task, task.fs.cwd, task.memory.readString(args[0]!), true);
  if (typeof found === 'number') return found;
  const inode = found.inode!;
  if (inode.isDirectory) return -EISDIR;
  if (!inode.isRegular) return -EINVAL;
  const error = permission(inode, task.credentials, MAY_WRITE);
  return error < 0 ? error : inode.truncate(args[1]!);
}

function ftruncate(task: Task, args: Float64Array): number {
  if (args[1]! < 0) return -EINVAL;
  const file = task.files.get(args[0]! | 0);
  return file.writable ? file.truncate(args[1]!) : -EINVAL;
}

function umask(task: Task, args: Float64Array): number {
  const old = task.fs.umask;
  task.fs.umask = args[0]! & 0o777;
  return old;
}

export const attributes: SyscallFamily = {
  chmod,
  fchmod,
  fchmodat,
  fchmodat2,
  chown,
  lchown,
  fchown,
  fchownat,
  utime,
  utimes,
  futimesat,
  utimensat,
  truncate,
  ftruncate,
  umask,
};
