/**
 * Moving bytes between a pipe and something else without passing the guest (splice(2), tee(2)). Linux moves pages; here
 * they are copied through a buffer, and leave the pipe only once they have arrived.
 */
import { EAGAIN, EPIPE } from '../../../linux/errno.ts';
import { SIGNALS } from '../../../linux/signals.ts';
import { IoVector } from '../../memory/io-vector.ts';
import type { Task } from '../../tasks/task.ts';
import type { FileDescription } from '../description.ts';
import { PIPE_BUF, type Pipe, type PipeEnd } from './pipe.ts';

/** Moves one file's bytes: at its position, or at an offset of the caller's. */
export type Move = (io: IoVector) => number | Promise<number>;

function brokenPipe(task: Task): number {
  task.sendSignal(SIGNALS.SIGPIPE);
  return -EPIPE;
}

/** @returns when the pipe has bytes or has ended: 0; or -errno */
function untilFilled(end: PipeEnd, wait: boolean, task: Task): number | Promise<number> {
  const { pipe } = end;
  const filled = () => (pipe.ring.length > 0 || pipe.writers === 0 ? 0 : -EAGAIN);
  const now = filled();
  return now === 0 || !wait ? now : task.waitFor(end.waiters, filled);
}

function untilDrained(end: PipeEnd, wait: boolean, task: Task): number | Promise<number> {
  const { pipe } = end;
  const drained = () => (pipe.ring.space > 0 || pipe.readers === 0 ? 0 : -EAGAIN);
  const now = drained();
  return now === 0 || !wait ? now : task.waitFor(end.waiters, drained);
}

function peek(pipe: Pipe, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.min(length, pipe.ring.length));
  pipe.ring.peek(IoVector.kernel(bytes), 0);
  return bytes;
}

function taken(pipe: Pipe, count: number): void {
  if (count <= 0) return;
  const wasFull = pipe.ring.space < PIPE_BUF;
  pipe.ring.discard(count);
  if (wasFull) pipe.wakeWriters();
}

/** From a pipe to a file that is no pipe. */
export async function spliceFromPipe(
  from: PipeEnd,
  write: Move,
  length: number,
  wait: boolean,
  task: Task,
): Promise<number> {
  const ready = await untilFilled(from, wait, task);
  if (ready < 0) return ready;
  const bytes = peek(from.pipe, length);
  if (bytes.length === 0) return 0;
  const moved = await write(IoVector.kernel(bytes));
  taken(from.pipe, Math.min(moved, from.pipe.ring.length));
  return moved;
}

/** From a file that is no pipe to a pipe. */
export async function spliceToPipe(
  read: Move,
  to: PipeEnd,
  length: number,
  wait: boolean,
  task: Task,
): Promise<number> {
  const ready = await untilDrained(to, wait, task);
  if (ready < 0) return ready;
  const { pipe } = to;
  if (pipe.readers === 0) return brokenPipe(task);
  const bytes = Buffer.allocUnsafe(Math.min(length, pipe.ring.space));
  const count = await read(IoVector.kernel(bytes));
  if (count <= 0) return count;
  pipe.ring.write(IoVector.kernel(bytes.subarray(0, count)));
  pipe.wakeReaders();
  return count;
}

/** From pipe to pipe. @param keep tee(2): the bytes stay in the first */
export async function splicePipes(
  from: PipeEnd,
  to: PipeEnd,
  length: number,
  keep: boolean,
  wait: boolean,
  task: Task,
): Promise<number> {
  const filled = await untilFilled(from, wait, task);
  if (filled < 0) return filled;
  const drained = await untilDrained(to, wait, task);
  if (drained < 0) return drained;
  if (to.pipe.readers === 0) return brokenPipe(task);
  const bytes = peek(from.pipe, Math.min(length, to.pipe.ring.space));
  if (bytes.length === 0) return 0;
  to.pipe.ring.write(IoVector.kernel(bytes));
  if (!keep) taken(from.pipe, bytes.length);
  to.pipe.wakeReaders();
  return bytes.length;
}

/** How splice(2) reads and writes the side that is no pipe. @param offset -1: at the position */
export function mover(file: FileDescription, reads: boolean, offset: number, task: Task): Move {
  if (offset < 0) return reads ? (io) => file.read(io, task) : (io) => file.write(io, task);
  return reads ? (io) => file.readAt(io, offset, task) : (io) => file.writeAt(io, offset, task);
}
