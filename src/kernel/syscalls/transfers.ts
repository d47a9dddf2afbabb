/** From file to file without the guest's memory between (sendfile(2), copy_file_range(2)). */
import { EBADF, EINVAL, EISDIR } from '../../linux/errno.ts';
import { O_APPEND } from '../../linux/open-flags.ts';
import { S_IFDIR, S_IFMT } from '../../linux/stat.ts';
import type { FileDescription } from '../files/description.ts';
import { RegularFile } from '../files/regular-file.ts';
import { IoVector } from '../memory/io-vector.ts';
import type { Task } from '../tasks/task.ts';
import type { SyscallFamily } from './handler.ts';

/** Moved at once. */
const CHUNK = 256 * 1024;
/** Moved by one call, so that others get their turn; who wants more calls again. */
const MOST = 16 * 1024 * 1024;

/** Where a side of the transfer is: at its position, or at an offset that the guest keeps (and that is written back). */
class Side {
  readonly file: FileDescription;
  readonly #task: Task;
  readonly #address: number;
  offset: number;

  /** @param address of the guest's offset; 0: the position is used. Fails with EFAULT */
  constructor(task: Task, file: FileDescription, address: number) {
    this.file = file;
    this.#task = task;
    this.#address = address;
    this.offset = address === 0 ? file.position : task.memory.readI64(address);
  }

  get usesPosition(): boolean {
    return this.#address === 0;
  }

  read(io: IoVector): number | Promise<number> {
    return this.usesPosition ? this.file.read(io, this.#task) : this.file.readAt(io, this.offset, this.#task);
  }

  write(io: IoVector): number | Promise<number> {
    return this.usesPosition
      ? this.file.write(io, this.#task)
      : this.file.writeAt(io, this.offset, this.#task);
  }

  advance(count: number): void {
    this.offset += count;
    if (!this.usesPosition) this.#task.memory.writeI64(this.#address, this.offset);
  }

  /** What was read and could not be written was not read. */
  giveBack(count: number): void {
    if (this.usesPosition) this.file.position -= count;
  }
}

/** One chunk. @returns bytes moved, or -errno */
function transfer(from: Side, to: Side, limit: number): number | Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(limit, CHUNK));
  const count = from.read(IoVector.kernel(buffer));
  if (typeof count !== 'number') return count.then((read) => forward(from, to, buffer, read));
  return forward(from, to, buffer, count);
}

function forward(from: Side, to: Side, buffer: Buffer, read: number): number | Promise<number> {
  if (read <= 0) return read;
  const count = to.write(IoVector.kernel(buffer.subarray(0, read)));
  const settle = (written: number) => {
    const moved = Math.max(0, written);
    if (moved < read) from.giveBack(read - moved);
    from.advance(moved);
    to.advance(moved);
    return written;
  };
  return typeof count === 'number' ? settle(count) : count.then(settle);
}

/** Chunk after chunk, until one moves less than it could. An error counts only when nothing was moved. */
function transferAll(from: Side, to: Side, limit: number): number | Promise<number> {
  let done = 0;
  while (done < limit) {
    const wanted = Math.min(limit - done, CHUNK);
    const count = transfer(from, to, wanted);
    if (typeof count !== 'number') return done > 0 ? count.then((more) => done + Math.max(0, more)) : count;
    if (count < 0) return done > 0 ? done : count;
    done += count;
    if (count < wanted) break;
  }
  return done;
}

function isDirectory(file: FileDescription): boolean {
  return (file.stat().mode & S_IFMT) === S_IFDIR;
}

function sendfile(task: Task, args: Float64Array): number | Promise<number> {
  const output = task.files.get(args[0]! | 0);
  const input = task.files.get(args[1]! | 0);
  if (!output.writable || !input.readable) return -EBADF;
  if (output.flags & O_APPEND || isDirectory(input) || args[3]! < 0) return -EINVAL;
  const from = new Side(task, input, args[2]!);
  if (from.offset < 0) return -EINVAL;
  return transferAll(from, new Side(task, output, 0), Math.min(args[3]!, MOST));
}

function copy_file_range(task: Task, args: Float64Array): number | Promise<number> {
  const input = task.files.get(args[0]! | 0);
  const output = task.files.get(args[2]! | 0);
  if (args[5]! !== 0) return -EINVAL;
  if (isDirectory(input) || isDirectory(output)) return -EISDIR;
  if (!(input instanceof RegularFile) || !(output instanceof RegularFile)) return -EINVAL;
  if (!input.readable || !output.writable || output.flags & O_APPEND) return -EBADF;
  const from = new Side(task, input, args[1]!);
  const to = new Side(task, output, args[3]!);
  const length = Math.min(args[4]!, MOST);
  if (from.offset < 0 || to.offset < 0 || length < 0) return -EINVAL;
  const overlap = from.offset < to.offset + length && to.offset < from.offset + length;
  if (input.inode === output.inode && overlap) return -EINVAL;
  return transferAll(from, to, length);
}

export const transfers: SyscallFamily = { sendfile, copy_file_range };
