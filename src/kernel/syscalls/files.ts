/** Opening and closing; reading and writing at the position (open(2), read(2), lseek(2), dup(2)). */
import { EBADF, EINVAL } from '../../linux/errno.ts';
import { AT_FDCWD, O_CLOEXEC, O_CREAT, O_TRUNC, O_WRONLY } from '../../linux/open-flags.ts';
import { dropReference } from '../files/descriptors.ts';
import type { FileDescription } from '../files/description.ts';
import { openPath, type Opened } from '../files/open.ts';
import { startOf } from '../files/path.ts';
import { IoVector } from '../memory/io-vector.ts';
import type { Task } from '../tasks/task.ts';
import type { SyscallFamily } from './handler.ts';

/** MAX_RW_COUNT (include/linux/fs.h): what one call moves at most. */
export const MOST_BYTES = 0x7fff_f000;

/** Gives the description a descriptor. */
function install(task: Task, opened: FileDescription | number, closeOnExec: boolean): number {
  if (typeof opened === 'number') return opened;
  const fd = task.files.install(opened, closeOnExec);
  if (fd < 0) {
    opened.references++;
    dropReference(opened);
  }
  return fd;
}

function openFile(
  task: Task,
  directory: number,
  address: number,
  flags: number,
  mode: number,
): number | Promise<number> {
  const path = task.memory.readString(address);
  const start = startOf(task, directory, path);
  if (typeof start === 'number') return start;
  const opened: Opened = openPath(task, start, path, flags, mode);
  const closeOnExec = (flags & O_CLOEXEC) !== 0;
  if (opened instanceof Promise) return opened.then((file) => install(task, file, closeOnExec));
  return install(task, opened, closeOnExec);
}

const open = (task: Task, args: Float64Array) =>
  openFile(task, AT_FDCWD, args[0]!, args[1]! | 0, args[2]! | 0);

const openat = (task: Task, args: Float64Array) =>
  openFile(task, args[0]! | 0, args[1]!, args[2]! | 0, args[3]! | 0);

const creat = (task: Task, args: Float64Array) =>
  openFile(task, AT_FDCWD, args[0]!, O_CREAT | O_WRONLY | O_TRUNC, args[1]! | 0);

const close = (task: Task, args: Float64Array) => task.files.close(args[0]! | 0);

function read(task: Task, args: Float64Array): number | Promise<number> {
  const file = task.files.get(args[0]! | 0);
  if (!file.readable) return -EBADF;
  const length = args[2]!;
  if (length < 0) return -EINVAL;
  return file.read(IoVector.user(task.memory, args[1]!, Math.min(length, MOST_BYTES), true), task);
}

function write(task: Task, args: Float64Array): number | Promise<number> {
  const file = task.files.get(args[0]! | 0);
  if (!file.writable) return -EBADF;
  const length = args[2]!;
  if (length < 0) return -EINVAL;
  const io = IoVector.user(task.memory, args[1]!, Math.min(length, MOST_BYTES), false);
  return file.write(io, task);
}

function pread64(task: Task, args: Float64Array): number | Promise<number> {
  const file = task.files.get(args[0]! | 0);
  const length = args[2]!;
  if (length < 0 || args[3]! < 0) return -EINVAL;
  if (!file.readable) return -EBADF;
  const io = IoVector.user(task.memory, args[1]!, Math.min(length, MOST_BYTES), true);
  return file.readAt(io, args[3]!, task);
}

function pwrite64(task: Task, args: Float64Array): number | Promise<number> {
  const file = task.files.get(args[0]! | 0);
  const length = args[2]!;
  if (length < 0 || args[3]! < 0) return -EINVAL;
  if (!file.writable) return -EBADF;
  const io = IoVector.user(task.memory, args[1]!, Math.min(length, MOST_BYTES), false);
  return file.writeAt(io, args[3]!, task);
}

const lseek = (task: Task, args: Float64Array) => task.files.get(args[0]! | 0).seek(args[1]!, args[2]! | 0);

export const files: SyscallFamily = { open, openat, creat, close, read, write, pread64, pwrite64, lseek };
