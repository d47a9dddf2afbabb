/** Reading directories, and which one is the working directory (getdents64(2), chdir(2)). */
import { EINVAL, ENOENT, ENOTDIR, EPERM, ERANGE } from '../../linux/errno.ts';
import type { DirectoryEntry, FileDescription } from '../files/description.ts';
import type { Dentry } from '../files/dentry.ts';
import { lookup } from '../files/path.ts';
import { MAY_EXECUTE, permission } from '../files/permissions.ts';
import type { Task } from '../tasks/task.ts';
import type { SyscallFamily } from './handler.ts';

/** A buffer of more than this is not filled to its end. */
const MOST_BYTES = 64 * 1024;
/** struct linux_dirent64: inode, offset, length, type, name. */
const HEADER = 19;

/** Entries are laid out here, and then written to the guest at once. */
const scratch = Buffer.alloc(MOST_BYTES);

/** Lays an entry out at `at`. @returns its length, or 0 where there is no room */
function layOut(at: number, room: number, entry: DirectoryEntry, old: boolean): number {
  const header = old ? HEADER - 1 : HEADER;
  // The old form ends with a NUL and, in the last byte, the type.
  const length = (header + entry.name.length + (old ? 2 : 1) + 7) & ~7;
  if (at + length > room) return 0;
  putU64(entry.ino, at);
  putU64(entry.next, at + 8);
  scratch.writeUInt16LE(length, at + 16);
  const end = at + header + scratch.write(entry.name, at + header, 'latin1');
  for (let rest = end; rest < at + length; rest++) scratch[rest] = 0;
  scratch[old ? at + length - 1 : at + 18] = entry.type;
  return length;
}

function putU64(value: number, at: number): void {
  scratch.writeUInt32LE(value >>> 0, at);
  scratch.writeUInt32LE(Math.floor(value / 2 ** 32) >>> 0, at + 4);
}

function readDirectory(task: Task, args: Float64Array, old: boolean): number {
  const file: FileDescription = task.files.get(args[0]! | 0);
  const size = Math.min(args[2]! >>> 0, MOST_BYTES);
  const entries = file.entries(file.position, Math.ceil(size / 24), task);
  if (typeof entries === 'number') return entries;
  let filled = 0;
  let position = file.position;
  for (const entry of entries) {
    const length = layOut(filled, size, entry, old);
    if (length === 0) break;
    filled += length;
    position = entry.next;
  }
  if (filled === 0 && entries.length > 0) return -EINVAL;
  if (filled > 0) task.memory.writeBytes(args[1]!, scratch.subarray(0, filled));
  file.position = position;
  return filled;
}

const getdents64 = (task: Task, args: Float64Array) => readDirectory(task, args, false);
const getdents = (task: Task, args: Float64Array) => readDirectory(task, args, true);

function getcwd(task: Task, args: Float64Array): number {
  const { cwd, root } = task.fs;
  if (cwd.unlinked) return -ENOENT;
  const path = cwd.pathFrom(root) ?? `(unreachable)${cwd.path}`;
  if (path.length + 1 > args[1]! && args[1]! >= 0) return -ERANGE;
  task.memory.writeBytes(args[0]!, Buffer.from(`${path}\0`, 'latin1'));
  return path.length + 1;
}

function enter(task: Task, directory: Dentry | undefined): number {
  if (!directory?.inode?.isDirectory) return -ENOTDIR;
  return permission(directory.inode, task.credentials, MAY_EXECUTE);
}

function chdir(task: Task, args: Float64Array): number {
  const found = lookup(task, task.fs.cwd, task.memory.readString(args[0]!), true);
  if (typeof found === 'number') return found;
  const error = enter(task, found);
  if (error === 0) task.fs.cwd = found;
  return error;
}

function fchdir(task: Task, args: Float64Array): number {
  const { dentry } = task.files.get(args[0]! | 0);
  const error = enter(task, dentry);
  if (error === 0) task.fs.cwd = dentry!;
  return error;
}

function chroot(task: Task, args: Float64Array): number {
  const found = lookup(task, task.fs.cwd, task.memory.readString(args[0]!), true);
  if (typeof found === 'number') return found;
  const error = enter(task, found);
  if (error < 0) return error;
  if (task.credentials.euid !== 0) return -EPERM;
  task.fs.root = found;
  return 0;
}

export const directories: SyscallFamily = { getdents, getdents64, getcwd, chdir, fchdir, chroot };
