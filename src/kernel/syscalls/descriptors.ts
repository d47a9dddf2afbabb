/** Descriptors and what they are for (dup(2), fcntl(2), close_range(2), ioctl(2)). */
import { EBADF, EINVAL, EPERM } from '../../linux/errno.ts';
import * as F from '../../linux/fcntl.ts';
import { FIONBIO } from '../../linux/ioctls.ts';
import {
  O_APPEND,
  O_ASYNC,
  O_CLOEXEC,
  O_DIRECT,
  O_LARGEFILE,
  O_NOATIME,
  O_NONBLOCK,
  O_PATH,
} from '../../linux/open-flags.ts';
import type { FileDescription } from '../files/description.ts';
import { PipeEnd } from '../files/special/pipe.ts';
import { RegularFile } from '../files/regular-file.ts';
import type { Task } from '../tasks/task.ts';
import { partial, type SyscallFamily } from './handler.ts';
import { recordLock } from './locks.ts';

const FIOCLEX = 0x5451;
const FIONCLEX = 0x5450;

const dup = (task: Task, args: Float64Array) => task.files.install(task.files.get(args[0]! | 0), false);

function duplicate(task: Task, from: number, to: number, closeOnExec: boolean): number {
  const file = task.files.get(from);
  return task.files.replace(to, file, closeOnExec);
}

function dup2(task: Task, args: Float64Array): number {
  const from = args[0]! | 0;
  const to = args[1]! | 0;
  if (from !== to) return duplicate(task, from, to, false);
  task.files.get(from);
  return to;
}

function dup3(task: Task, args: Float64Array): number {
  const from = args[0]! | 0;
  const to = args[1]! | 0;
  if (args[2]! & ~O_CLOEXEC || from === to) return -EINVAL;
  return duplicate(task, from, to, (args[2]! & O_CLOEXEC) !== 0);
}

const CLOSE_RANGE_UNSHARE = 2;
const CLOSE_RANGE_CLOEXEC = 4;

function close_range(task: Task, args: Float64Array): number {
  const first = args[0]! >>> 0;
  const last = args[1]! >>> 0;
  const flags = args[2]! | 0;
  if (first > last || flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) return -EINVAL;
  for (const fd of task.files.descriptors()) {
    if (fd < first || fd > last) continue;
    if (flags & CLOSE_RANGE_CLOEXEC) task.files.setCloseOnExec(fd, true);
    else task.files.close(fd);
  }
  return 0;
}

/** What F_SETFL may change. */
const CHANGEABLE = O_APPEND | O_ASYNC | O_DIRECT | O_NOATIME | O_NONBLOCK;

function duplicateFrom(task: Task, file: FileDescription, from: number, closeOnExec: boolean): number {
  if (from < 0 || from >= task.files.limit) return -EINVAL;
  return task.files.install(file, closeOnExec, from);
}

function seals(file: FileDescription, command: number, wanted: number): number {
  if (!(file instanceof RegularFile) || file.inode.seals === undefined) return -EINVAL;
  if (command === F.F_GET_SEALS) return file.inode.seals;
  if (wanted & ~F.ALL_SEALS) return -EINVAL;
  if (!file.writable || file.inode.seals & F.F_SEAL_SEAL) return -EPERM;
  file.inode.seals |= wanted;
  return 0;
}

/** Commands that need more than the descriptor. */
function control(
  task: Task,
  file: FileDescription,
  command: number,
  argument: number,
): number | Promise<number> {
  switch (command) {
    case F.F_GETLK:
    case F.F_SETLK:
    case F.F_SETLKW:
    case F.F_OFD_GETLK:
    case F.F_OFD_SETLK:
    case F.F_OFD_SETLKW:
      return recordLock(task, file, command, argument);
    case F.F_SETOWN:
    case F.F_SETSIG:
      return 0;
    case F.F_GETOWN:
    case F.F_GETSIG:
      return 0;
    case F.F_GETPIPE_SZ:
      return file instanceof PipeEnd ? file.capacity : -EBADF;
    case F.F_SETPIPE_SZ:
      return file instanceof PipeEnd ? file.setCapacity(argument | 0) : -EBADF;
    case F.F_ADD_SEALS:
    case F.F_GET_SEALS:
      return seals(file, command, argument | 0);
    case F.F_GETLEASE:
      return F.F_UNLCK;
    default:
      return -EINVAL;
  }
}

function fcntl(task: Task, args: Float64Array): number | Promise<number> {
  const fd = args[0]! | 0;
  const command = args[1]! | 0;
  const file = task.files.get(fd);
  switch (command) {
    case F.F_DUPFD:
      return duplicateFrom(task, file, args[2]! | 0, false);
    case F.F_DUPFD_CLOEXEC:
      return duplicateFrom(task, file, args[2]! | 0, true);
    case F.F_GETFD:
      return task.files.closesOnExec(fd) ? F.FD_CLOEXEC : 0;
    case F.F_SETFD:
      task.files.setCloseOnExec(fd, (args[2]! & F.FD_CLOEXEC) !== 0);
      return 0;
    case F.F_GETFL:
      return file.flags | (file.flags & O_PATH ? 0 : O_LARGEFILE);
    default:
      if (file.flags & O_PATH) return -EBADF;
      if (command !== F.F_SETFL) return control(task, file, command, args[2]!);
      file.flags = (file.flags & ~CHANGEABLE) | (args[2]! & CHANGEABLE);
      return 0;
  }
}

/** Requests that are about the descriptor, whatever the file; the rest is the file's. */
function ioctl(task: Task, args: Float64Array): number | Promise<number> {
  const fd = args[0]! | 0;
  const file = task.files.get(fd);
  const request = args[1]! >>> 0;
  if (file.flags & O_PATH) return -EBADF;
  if (request === FIOCLEX || request === FIONCLEX) {
    task.files.setCloseOnExec(fd, request === FIOCLEX);
    return 0;
  }
  if (request !== FIONBIO) return file.ioctl(task, request, args[2]!);
  const on = task.memory.readI32(args[2]!) !== 0;
  file.flags = on ? file.flags | O_NONBLOCK : file.flags & ~O_NONBLOCK;
  return 0;
}

export const descriptors: SyscallFamily = {
  dup,
  dup2,
  dup3,
  close_range: partial('CLOSE_RANGE_UNSHARE closes in the shared table', close_range),
  fcntl: partial('leases and SIGIO are not there: F_SETOWN and F_SETSIG are taken and do nothing', fcntl),
  ioctl,
};
