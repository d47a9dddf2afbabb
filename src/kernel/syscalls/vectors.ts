/** Scattered reads and writes (readv(2)). */
import { EBADF, EINVAL, EOPNOTSUPP } from '../../linux/errno.ts';
import type { FileDescription } from '../files/description.ts';
import { IoVector } from '../memory/io-vector.ts';
import type { UserMemory } from '../memory/user-memory.ts';
import type { Task } from '../tasks/task.ts';
import { MOST_BYTES } from './files.ts';
import { partial, type SyscallFamily } from './handler.ts';

/** UIO_MAXIOV (include/uapi/linux/uio.h), and the size of struct iovec. */
const MOST_RANGES = 1024;
const IOVEC = 16;

/**
 * The ranges that an array of struct iovec names; -EINVAL where there are too many, or a length is negative.
 * @param memory what the ranges are in, which may be another task's
 */
export function readRanges(
  task: Task,
  address: number,
  count: number,
  toGuest: boolean,
  memory: UserMemory = task.memory,
): IoVector | number {
  if (count < 0 || count > MOST_RANGES) return -EINVAL;
  const table = task.memory.readBytes(address, count * IOVEC);
  const addresses: number[] = [];
  const lengths: number[] = [];
  let room = MOST_BYTES;
  for (let at = 0; at < table.length; at += IOVEC) {
    const high = table.readInt32LE(at + 12);
    if (high < 0) return -EINVAL;
    const length = Math.min(room, high * 2 ** 32 + table.readUInt32LE(at + 8));
    addresses.push(table.readInt32LE(at + 4) * 2 ** 32 + table.readUInt32LE(at));
    lengths.push(length);
    room -= length;
  }
  return IoVector.userRanges(memory, addresses, lengths, toGuest);
}

/** @param offset -1: at the position */
function scatter(
  task: Task,
  file: FileDescription,
  args: Float64Array,
  offset: number,
): number | Promise<number> {
  if (!file.readable) return -EBADF;
  const io = readRanges(task, args[1]!, args[2]!, true);
  if (typeof io === 'number') return io;
  return offset === -1 ? file.read(io, task) : file.readAt(io, offset, task);
}

function gather(
  task: Task,
  file: FileDescription,
  args: Float64Array,
  offset: number,
): number | Promise<number> {
  if (!file.writable) return -EBADF;
  const io = readRanges(task, args[1]!, args[2]!, false);
  if (typeof io === 'number') return io;
  return offset === -1 ? file.write(io, task) : file.writeAt(io, offset, task);
}

const readv = (task: Task, args: Float64Array) => scatter(task, task.files.get(args[0]! | 0), args, -1);
const writev = (task: Task, args: Float64Array) => gather(task, task.files.get(args[0]! | 0), args, -1);

function preadv(task: Task, args: Float64Array): number | Promise<number> {
  if (args[3]! < 0) return -EINVAL;
  return scatter(task, task.files.get(args[0]! | 0), args, args[3]!);
}

function pwritev(task: Task, args: Float64Array): number | Promise<number> {
  if (args[3]! < 0) return -EINVAL;
  return gather(task, task.files.get(args[0]! | 0), args, args[3]!);
}

/** RWF_HIPRI, RWF_DSYNC and RWF_SYNC change nothing that could be seen here; RWF_NOWAIT and RWF_APPEND would. */
const HARMLESS = 0x7;

function preadv2(task: Task, args: Float64Array): number | Promise<number> {
  if (args[5]! & ~HARMLESS) return -EOPNOTSUPP;
  if (args[3]! < -1) return -EINVAL;
  return scatter(task, task.files.get(args[0]! | 0), args, args[3]!);
}

function pwritev2(task: Task, args: Float64Array): number | Promise<number> {
  if (args[5]! & ~HARMLESS) return -EOPNOTSUPP;
  if (args[3]! < -1) return -EINVAL;
  return gather(task, task.files.get(args[0]! | 0), args, args[3]!);
}

export const vectors: SyscallFamily = {
  readv,
  writev,
  preadv,
  pwritev,
  preadv2: partial('RWF_NOWAIT answers EOPNOTSUPP', preadv2),
  pwritev2: partial('RWF_NOWAIT and RWF_APPEND answer EOPNOTSUPP', pwritev2),
};
