/** pipe, and moving bytes between pipes and other files inside the kernel. */
import { EBADF, EINVAL, ESPIPE } from '../../linux/errno.ts';
import { O_CLOEXEC, O_DIRECT, O_NONBLOCK } from '../../linux/open-flags.ts';
import type { FileDescription } from '../files/description.ts';
import { newPipe, PipeEnd } from '../files/special/pipe.ts';
import { mover, spliceFromPipe, splicePipes, spliceToPipe } from '../files/special/splice.ts';
import type { Task } from '../tasks/task.ts';
import { partial, refused, type SyscallFamily } from './handler.ts';

/** Installs both ends and writes their numbers; undone when either fails. */
function makePipe(task: Task, address: number, flags: number): number | Promise<number> {
  const [reader, writer] = newPipe(task, flags & ~O_CLOEXEC);
  const closeOnExec = (flags & O_CLOEXEC) !== 0;
  const first = task.files.install(reader, closeOnExec);
  if (first < 0) return first;
  const second = task.files.install(writer, closeOnExec);
  if (second < 0) {
    writer.release();
    task.files.close(first);
    return second;
  }
  try {
    task.memory.writeU32(address, first);
    task.memory.writeU32(address + 4, second);
  } catch (error) {
    task.files.close(first);
    task.files.close(second);
    throw error;
  }
  return 0;
}

const SPLICE_F_NONBLOCK = 2;
const SPLICE_FLAGS = 0xf;

/** A size_t: a negative double is one of 2^63 and more. */
function size(argument: number): number {
  return argument < 0 ? Number.MAX_SAFE_INTEGER : argument;
}

/** An offset that the caller keeps; -1: the file's own position. */
function offsetAt(task: Task, address: number): number {
  return address === 0 ? -1 : task.memory.readI64(address);
}

async function advance(task: Task, address: number, moved: Promise<number>): Promise<number> {
  const count = await moved;
  if (address !== 0 && count > 0) task.memory.writeI64(address, task.memory.readI64(address) + count);
  return count;
}

function splice(task: Task, args: Float64Array): number | Promise<number> {
  const from = task.files.get(args[0]! | 0);
  const to = task.files.get(args[2]! | 0);
  const length = size(args[4]!);
  const flags = args[5]! | 0;
  if ((flags & ~SPLICE_FLAGS) !== 0) return -EINVAL;
  if (!from.readable || !to.writable) return -EBADF;
  if ((from instanceof PipeEnd && args[1] !== 0) || (to instanceof PipeEnd && args[3] !== 0)) return -ESPIPE;
  if (length === 0) return 0;
  const wait = (flags & SPLICE_F_NONBLOCK) === 0;
  if (from instanceof PipeEnd && to instanceof PipeEnd) {
    if (from.pipe === to.pipe) return -EINVAL;
    return splicePipes(from, to, length, false, wait, task);
  }
  if (from instanceof PipeEnd) {
    const write = mover(to, false, offsetAt(task, args[3]!), task);
    return advance(task, args[3]!, spliceFromPipe(from, write, length, wait, task));
  }
  if (!(to instanceof PipeEnd)) return -EINVAL;
  const read = mover(from, true, offsetAt(task, args[1]!), task);
  return advance(task, args[1]!, spliceToPipe(read, to, length, wait, task));
}

function tee(task: Task, args: Float64Array): number | Promise<number> {
  const from: FileDescription = task.files.get(args[0]! | 0);
  const to: FileDescription = task.files.get(args[1]! | 0);
  const flags = args[3]! | 0;
  if ((flags & ~SPLICE_FLAGS) !== 0) return -EINVAL;
  if (!(from instanceof PipeEnd) || !(to instanceof PipeEnd) || from.pipe === to.pipe) return -EINVAL;
  if (!from.readable || !to.writable) return -EBADF;
  const length = size(args[2]!);
  if (length === 0) return 0;
  return splicePipes(from, to, length, true, (flags & SPLICE_F_NONBLOCK) === 0, task);
}

export const pipes: SyscallFamily = {
  pipe: (task, args) => makePipe(task, args[0]!, 0),
  pipe2(task, args) {
    const flags = args[1]! | 0;
    if ((flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) !== 0) return -EINVAL;
    return makePipe(task, args[0]!, flags);
  },
  splice: partial('copies through a buffer', splice),
  tee: partial('copies through a buffer', tee),
  vmsplice: refused('pages of a guest are not lent to pipes', EINVAL),
};
