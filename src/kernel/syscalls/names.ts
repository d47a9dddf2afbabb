/** Making, moving and removing names (mkdir(2), unlink(2), rename(2), link(2), symlink(2), mknod(2)). */
import { EINVAL, ENOENT, EPERM } from '../../linux/errno.ts';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_REMOVEDIR,
  AT_SYMLINK_FOLLOW,
  AT_SYMLINK_NOFOLLOW,
} from '../../linux/open-flags.ts';
import { S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from '../../linux/stat.ts';
import type { Dentry } from '../files/dentry.ts';
import {
  lastName,
  linkName,
  makeName,
  newFile,
  removeName,
  RENAME_EXCHANGE,
  RENAME_NOREPLACE,
  renameName,
} from '../files/names.ts';
import type { Task } from '../tasks/task.ts';
import type { SyscallFamily } from './handler.ts';
import { fileAt } from './metadata.ts';

function done(made: Dentry | number): number {
  return typeof made === 'number' ? made : 0;
}

function makeDirectory(task: Task, directory: number, address: number, mode: number): number {
  const last = lastName(task, directory, task.memory.readString(address));
  if (typeof last === 'number') return last;
  return done(
    makeName(task, last, (parent, name) => {
      return parent.mkdir(name, newFile(task, parent, S_IFDIR | (mode & 0o1777)));
    }),
  );
}

const mkdir = (task: Task, args: Float64Array) => makeDirectory(task, AT_FDCWD, args[0]!, args[1]! | 0);
const mkdirat = (task: Task, args: Float64Array) => makeDirectory(task, args[0]! | 0, args[1]!, args[2]! | 0);

function remove(task: Task, directory: number, address: number, wantsDirectory: boolean): number {
  const last = lastName(task, directory, task.memory.readString(address));
  return typeof last === 'number' ? last : removeName(task, last, wantsDirectory);
}

const rmdir = (task: Task, args: Float64Array) => remove(task, AT_FDCWD, args[0]!, true);
const unlink = (task: Task, args: Float64Array) => remove(task, AT_FDCWD, args[0]!, false);

function unlinkat(task: Task, args: Float64Array): number {
  const flags = args[2]! | 0;
  if (flags & ~AT_REMOVEDIR) return -EINVAL;
  return remove(task, args[0]! | 0, args[1]!, (flags & AT_REMOVEDIR) !== 0);
}

function move(task: Task, from: number, fromPath: number, to: number, toPath: number, flags: number): number {
  if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) return -EINVAL;
  if (flags === (RENAME_NOREPLACE | RENAME_EXCHANGE)) return -EINVAL;
  const source = lastName(task, from, task.memory.readString(fromPath));
  if (typeof source === 'number') return source;
  const target = lastName(task, to, task.memory.readString(toPath));
  if (typeof target === 'number') return target;
  return renameName(task, source, target, flags);
}

const rename = (task: Task, args: Float64Array) => move(task, AT_FDCWD, args[0]!, AT_FDCWD, args[1]!, 0);
const renameat = (task: Task, args: Float64Array) =>
  move(task, args[0]! | 0, args[1]!, args[2]! | 0, args[3]!, 0);
const renameat2 = (task: Task, args: Float64Array) =>
  move(task, args[0]! | 0, args[1]!, args[2]! | 0, args[3]!, args[4]! | 0);

function makeLink(
  task: Task,
  from: number,
  fromPath: number,
  to: number,
  toPath: number,
  flags: number,
): number {
  if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) return -EINVAL;
  const lookFlags = (flags & AT_EMPTY_PATH) | (flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW);
  const file = fileAt(task, from, task.memory.readString(fromPath), lookFlags);
  if (typeof file === 'number') return file;
  if (!('inode' in file) || !file.inode) return -EPERM;
  const target = lastName(task, to, task.memory.readString(toPath));
  return typeof target === 'number' ? target : linkName(task, file as Dentry, target);
}

const link = (task: Task, args: Float64Array) => makeLink(task, AT_FDCWD, args[0]!, AT_FDCWD, args[1]!, 0);
const linkat = (task: Task, args: Float64Array) =>
  makeLink(task, args[0]! | 0, args[1]!, args[2]! | 0, args[3]!, args[4]! | 0);

function makeSymlink(task: Task, target: number, directory: number, path: number): number {
  const text = task.memory.readString(target);
  if (text === '') return -ENOENT;
  const last = lastName(task, directory, task.memory.readString(path));
  if (typeof last === 'number') return last;
  return done(
    makeName(task, last, (parent, name) => {
      return last.slash ? -ENOENT : parent.symlink(name, text, newFile(task, parent, S_IFLNK | 0o777));
    }),
  );
}

const symlink = (task: Task, args: Float64Array) => makeSymlink(task, args[0]!, AT_FDCWD, args[1]!);
const symlinkat = (task: Task, args: Float64Array) => makeSymlink(task, args[0]!, args[1]! | 0, args[2]!);

function readLink(task: Task, directory: number, path: number, buffer: number, size: number): number {
  if (size <= 0) return -EINVAL;
  const name = task.memory.readString(path);
  // An empty path means the descriptor itself, which O_PATH | O_NOFOLLOW has opened on a link.
  const file = fileAt(
    task,
    directory,
    name,
    AT_SYMLINK_NOFOLLOW | (directory === AT_FDCWD ? 0 : AT_EMPTY_PATH),
  );
  if (typeof file === 'number') return file;
  const { inode } = file as Dentry;
  if (!inode?.isSymlink) return name === '' ? -ENOENT : -EINVAL;
  const text = inode.readlink(task);
  if (typeof text === 'number') return text;
  const bytes = Buffer.from(text.slice(0, size), 'latin1');
  task.memory.writeBytes(buffer, bytes);
  return bytes.length;
}

const readlink = (task: Task, args: Float64Array) =>
  readLink(task, AT_FDCWD, args[0]!, args[1]!, args[2]! | 0);
const readlinkat = (task: Task, args: Float64Array) =>
  readLink(task, args[0]! | 0, args[1]!, args[2]!, args[3]! | 0);

function makeNode(task: Task, directory: number, path: number, mode: number): number {
  const type = mode & S_IFMT || S_IFREG;
  if (type === S_IFDIR) return -EPERM;
  if (type === S_IFLNK) return -EINVAL;
  const last = lastName(task, directory, task.memory.readString(path));
  if (typeof last === 'number') return last;
  return done(
    makeName(task, last, (parent, name) => {
      if (last.slash) return -ENOENT;
      if (type !== S_IFREG && type !== S_IFIFO && type !== S_IFSOCK) return -EPERM;
      return parent.create(name, newFile(task, parent, type | (mode & 0o7777)));
    }),
  );
}

const mknod = (task: Task, args: Float64Array) => makeNode(task, AT_FDCWD, args[0]!, args[1]! | 0);
const mknodat = (task: Task, args: Float64Array) => makeNode(task, args[0]! | 0, args[1]!, args[2]! | 0);

export const names: SyscallFamily = {
  mkdir,
  mkdirat,
  rmdir,
  unlink,
  unlinkat,
  rename,
  renameat,
  renameat2,
  link,
  linkat,
  symlink,
  symlinkat,
  readlink,
  readlinkat,
  mknod,
  mknodat,
};
