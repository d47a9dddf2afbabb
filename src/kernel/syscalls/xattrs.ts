/** Extended attributes (xattr(7)): those of the user, on files in memory or changed there. */
import { E2BIG, EBADF, ENODATA, EOPNOTSUPP, EPERM, ERANGE, EROFS } from '../../linux/errno.ts';
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_PATH } from '../../linux/open-flags.ts';
import type { Inode } from '../files/inode.ts';
import { MAY_READ, MAY_WRITE, permission } from '../files/permissions.ts';
import { lookupAt } from '../files/path.ts';
import type { Task } from '../tasks/task.ts';
import type { SyscallFamily } from './handler.ts';

/** XATTR_NAME_MAX and XATTR_SIZE_MAX (include/uapi/linux/limits.h). */
const LONGEST_NAME = 255;
const LARGEST = 65_536;

/** How a call of the family names its file: by path, by path without following the last link, or by descriptor. */
type Locate = (task: Task, argument: number) => Inode | number;

function byPath(flags: number): Locate {
  return (task, argument) => {
    const path = task.memory.readString(argument);
    const found = lookupAt(task, AT_FDCWD, path, !(flags & AT_SYMLINK_NOFOLLOW));
    return typeof found === 'number' ? found : found.inode!;
  };
}

const byDescriptor: Locate = (task, argument) => {
  const file = task.files.get(argument | 0);
  if (file.flags & O_PATH) return -EBADF;
  return file.dentry?.inode ?? -EOPNOTSUPP;
};

const WAYS: readonly [prefix: string, Locate][] = [
  ['', byPath(0)],
  ['l', byPath(AT_SYMLINK_NOFOLLOW)],
  ['f', byDescriptor],
];

/** Only names of the user's; nobody has set any others, and nobody may. */
function checkName(task: Task, inode: Inode, name: string, write: boolean): number {
  if (name.length > LONGEST_NAME || name === '') return -ERANGE;
  if (!/^(user|trusted|security|system)\./.test(name)) return -EOPNOTSUPP;
  if (!name.startsWith('user.')) return write ? -EOPNOTSUPP : -ENODATA;
  if (write && inode.superblock.readOnly) return -EROFS;
  if (!inode.isRegular && !inode.isDirectory) return write ? -EPERM : -ENODATA;
  return permission(inode, task.credentials, write ? MAY_WRITE : MAY_READ);
}

/** Copies out, or with no room at all says how much there is. */
function answer(task: Task, address: number, size: number, bytes: Buffer): number {
  if (size === 0) return bytes.length;
  if (bytes.length > size) return -ERANGE;
  task.memory.writeBytes(address, bytes);
  return bytes.length;
}

function get(task: Task, inode: Inode, args: Float64Array): number {
  const name = task.memory.readString(args[1]!);
  const error = checkName(task, inode, name, false);
  if (error < 0) return error;
  const value = inode.getXattr(name);
  return typeof value === 'number' ? value : answer(task, args[2]!, args[3]!, value);
}

function set(task: Task, inode: Inode, args: Float64Array): number {
  const name = task.memory.readString(args[1]!);
  const error = checkName(task, inode, name, true);
  if (error < 0) return error;
  if (args[3]! < 0 || args[3]! > LARGEST) return -E2BIG;
  return inode.setXattr(name, task.memory.readBytes(args[2]!, args[3]!), args[4]! | 0);
}

function list(task: Task, inode: Inode, args: Float64Array): number {
  const text = inode
    .listXattrs()
    .map((name) => `${name}\0`)
    .join('');
  return answer(task, args[1]!, args[2]!, Buffer.from(text, 'latin1'));
}

function remove(task: Task, inode: Inode, args: Float64Array): number {
  const name = task.memory.readString(args[1]!);
  const error = checkName(task, inode, name, true);
  return error < 0 ? error : inode.removeXattr(name);
}

const CALLS = { getxattr: get, setxattr: set, listxattr: list, removexattr: remove };

/** Each call in its three forms: `getxattr`, `lgetxattr`, `fgetxattr`. */
export const xattrs: SyscallFamily = Object.fromEntries(
  Object.entries(CALLS).flatMap(([name, call]) =>
    WAYS.map(([prefix, locate]) => [
      `${prefix}${name}`,
      (task: Task, args: Float64Array) => {
        const inode = locate(task, args[0]!);
        return typeof inode === 'number' ? inode : call(task, inode, args);
      },
    ]),
  ),
);
