/** Locking files (fcntl(2), "Advisory record locking"; flock(2)). */
import { EBADF, EINVAL, EOVERFLOW } from '../../linux/errno.ts';
import * as F from '../../linux/fcntl.ts';
import type { FileDescription } from '../files/description.ts';
import { FileLocks, type Lock } from '../files/locks.ts';
import type { Task } from '../tasks/task.ts';
import type { SyscallFamily } from './handler.ts';

/** What struct flock asks for, as a range of bytes; undefined type: unlock. -EINVAL, -EOVERFLOW. */
interface Request {
  type: number;
  start: number;
  end: number;
}

function readRequest(task: Task, file: FileDescription, address: number): Request | number {
  const { memory } = task;
  const type = memory.readU16(address + F.FLOCK.type);
  const whence = memory.readU16(address + F.FLOCK.whence);
  if (whence > 2 || type > F.F_UNLCK) return -EINVAL;
  const base = whence === 0 ? 0 : whence === 1 ? file.position : file.stat().size;
  const length = memory.readI64(address + F.FLOCK.length);
  let start = base + memory.readI64(address + F.FLOCK.start);
  let end = length === 0 ? Number.POSITIVE_INFINITY : start + length;
  if (length < 0) [start, end] = [end, start];
  if (start < 0) return -EINVAL;
  return end > 2 ** 63 && end !== Number.POSITIVE_INFINITY ? -EOVERFLOW : { type, start, end };
}

/** F_GETLK: says which lock stands in the way, if one does. */
function tell(task: Task, address: number, lock: Lock | undefined): number {
  const { memory } = task;
  if (!lock) {
    memory.writeU16(address + F.FLOCK.type, F.F_UNLCK);
    return 0;
  }
  memory.writeU16(address + F.FLOCK.type, lock.exclusive ? F.F_WRLCK : F.F_RDLCK);
  memory.writeU16(address + F.FLOCK.whence, 0);
  memory.writeI64(address + F.FLOCK.start, lock.start);
  memory.writeI64(address + F.FLOCK.length, Number.isFinite(lock.end) ? lock.end - lock.start : 0);
  memory.writeU32(address + F.FLOCK.pid, lock.pid);
  return 0;
}

/** The commands of fcntl that lock. */
export function recordLock(
  task: Task,
  file: FileDescription,
  command: number,
  address: number,
): number | Promise<number> {
  const inode = file.dentry?.inode;
  const request = readRequest(task, file, address);
  if (typeof request === 'number') return request;
  if (!inode) return -EINVAL;
  const ofd = command >= F.F_OFD_GETLK;
  const owner = ofd ? file : task.files;
  const pid = ofd ? -1 : task.group.pid;
  const wanted: Lock = {
    owner,
    pid,
    exclusive: request.type === F.F_WRLCK,
    start: request.start,
    end: request.end,
  };
  const asks = command === F.F_GETLK || command === F.F_OFD_GETLK;
  if (request.type === F.F_UNLCK) {
    if (asks) return -EINVAL;
    inode.recordLocks?.release(owner, request.start, request.end);
    return 0;
  }
  if (asks) return tell(task, address, inode.recordLocks?.conflict(wanted));
  if (wanted.exclusive ? !file.writable : !file.readable) return -EBADF;
  const held = (inode.recordLocks ??= new FileLocks());
  const waits = command === F.F_SETLKW || command === F.F_OFD_SETLKW;
  return waits ? held.takeWaiting(wanted, task, !ofd) : held.take(wanted);
}

function flock(task: Task, args: Float64Array): number | Promise<number> {
  const file = task.files.get(args[0]! | 0);
  const operation = args[1]! & ~F.LOCK_NB;
  const inode = file.dentry?.inode;
  if (operation !== F.LOCK_SH && operation !== F.LOCK_EX && operation !== F.LOCK_UN) return -EINVAL;
  if (!file.readable && !file.writable) return -EBADF;
  if (!inode) return -EINVAL;
  if (operation === F.LOCK_UN) {
    inode.wholeLocks?.release(file);
    return 0;
  }
  const held = (inode.wholeLocks ??= new FileLocks());
  const exclusive = operation === F.LOCK_EX;
  const wanted: Lock = {
    owner: file,
    pid: task.group.pid,
    exclusive,
    start: 0,
    end: Number.POSITIVE_INFINITY,
  };
  return args[1]! & F.LOCK_NB ? held.take(wanted) : held.takeWaiting(wanted, task, false);
}

export const locks: SyscallFamily = { flock };
