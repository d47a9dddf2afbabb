/** What is known about a file (stat(2), statx(2), access(2)). */
import { EBADF, EINVAL, ENOENT } from '../../linux/errno.ts';
import {
  AT_EACCESS,
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_NO_AUTOMOUNT,
  AT_STATX_SYNC_TYPE,
  AT_SYMLINK_NOFOLLOW,
} from '../../linux/open-flags.ts';
import { STATX_RESERVED } from '../../linux/stat-layout.ts';
import type { Dentry } from '../files/dentry.ts';
import type { FileDescription } from '../files/description.ts';
import { lookup, lookupAt } from '../files/path.ts';
import { permission } from '../files/permissions.ts';
import { writeStat, writeStatx } from '../files/stat-encoder.ts';
import type { Task } from '../tasks/task.ts';
import type { SyscallFamily } from './handler.ts';

/** A file by path, or with AT_EMPTY_PATH and an empty path by descriptor; then it may have no name. Fails with EBADF. */
export function fileAt(
  task: Task,
  directory: number,
  path: string,
  flags: number,
): Dentry | FileDescription | number {
  if (path !== '') return lookupAt(task, directory, path, !(flags & AT_SYMLINK_NOFOLLOW));
  if (!(flags & AT_EMPTY_PATH)) return -ENOENT;
  if (directory === AT_FDCWD) return task.fs.cwd;
  const file = task.files.get(directory);
  return file.dentry ?? file;
}

function statOf(file: Dentry | FileDescription) {
  return 'inode' in file && file.inode ? (file as Dentry).inode!.stat() : (file as FileDescription).stat();
}

function statPath(task: Task, address: number, buffer: number, follow: boolean): number {
  const found = lookup(task, task.fs.cwd, task.memory.readString(address), follow);
  if (typeof found === 'number') return found;
  writeStat(task.memory, buffer, found.inode!.stat());
  return 0;
}

const stat = (task: Task, args: Float64Array) => statPath(task, args[0]!, args[1]!, true);
const lstat = (task: Task, args: Float64Array) => statPath(task, args[0]!, args[1]!, false);

function fstat(task: Task, args: Float64Array): number {
  writeStat(task.memory, args[1]!, task.files.get(args[0]! | 0).stat());
  return 0;
}

function newfstatat(task: Task, args: Float64Array): number {
  const flags = args[3]! | 0;
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT)) return -EINVAL;
  const file = fileAt(task, args[0]! | 0, pathOrEmpty(task, args[1]!, flags), flags);
  if (typeof file === 'number') return file;
  writeStat(task.memory, args[2]!, statOf(file));
  return 0;
}

/** Since Linux 6.11 a null pointer is an empty path where AT_EMPTY_PATH allows one. */
function pathOrEmpty(task: Task, address: number, flags: number): string {
  return address === 0 && flags & AT_EMPTY_PATH ? '' : task.memory.readString(address);
}

function statx(task: Task, args: Float64Array): number {
  const flags = args[2]! | 0;
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_SYNC_TYPE)) return -EINVAL;
  if ((flags & AT_STATX_SYNC_TYPE) === AT_STATX_SYNC_TYPE || args[3]! & STATX_RESERVED) return -EINVAL;
  const file = fileAt(task, args[0]! | 0, pathOrEmpty(task, args[1]!, flags), flags);
  if (typeof file === 'number') return file;
  const isMountRoot = 'covers' in file && !file.parent;
  writeStatx(task.memory, args[4]!, statOf(file), isMountRoot);
  return 0;
}

/** @param real with the real ids instead of those that other calls use */
function accessFile(task: Task, directory: number, address: number, mode: number, flags: number): number {
  if (mode & ~7) return -EINVAL;
  if (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL;
  const file = fileAt(task, directory, task.memory.readString(address), flags);
  if (typeof file === 'number') return file;
  const { credentials } = task;
  const asking =
    flags & AT_EACCESS ? credentials : { ...credentials, fsuid: credentials.uid, fsgid: credentials.gid };
  const { inode } = file as Dentry;
  if (!inode) return -EBADF;
  return permission(inode, asking, mode);
}

const access = (task: Task, args: Float64Array) => accessFile(task, AT_FDCWD, args[0]!, args[1]! | 0, 0);
const faccessat = (task: Task, args: Float64Array) =>
  accessFile(task, args[0]! | 0, args[1]!, args[2]! | 0, 0);
const faccessat2 = (task: Task, args: Float64Array) =>
  accessFile(task, args[0]! | 0, args[1]!, args[2]! | 0, args[3]! | 0);

export const metadata: SyscallFamily = {
  stat,
  lstat,
  fstat,
  newfstatat,
  statx,
  access,
  faccessat,
  faccessat2,
};
