/** Pipes and what a FIFO's name leads to (pipe(7)): a ring with ends that read, write, or do both. */
import { EAGAIN, EBADF, EBUSY, EINVAL, EPERM, EPIPE, ERESTARTSYS } from '../../../linux/errno.ts';
import { FIONREAD } from '../../../linux/ioctls.ts';
import { O_RDONLY, O_WRONLY } from '../../../linux/open-flags.ts';
import { POLLERR, POLLHUP, READABLE, WRITABLE } from '../../../linux/poll.ts';
import { SIGNALS } from '../../../linux/signals.ts';
import { S_IFIFO } from '../../../linux/stat.ts';
import type { IoVector } from '../../memory/io-vector.ts';
import type { Task } from '../../tasks/task.ts';
import { WaitQueue } from '../../wait-queue.ts';
import { FileDescription } from '../description.ts';
import type { Stat } from '../stat.ts';
import { anonymousStat, PIPE_DEVICE } from './anonymous.ts';
import { Ring } from './ring.ts';

/** Writes of at most so many bytes are not torn apart (pipe(7), PIPE_BUF). */
export const PIPE_BUF = 4096;
const CAPACITY = 65536;
/** /proc/sys/fs/pipe-max-size. */
const MOST = 2 ** 20;

export class Pipe {
  readonly ring = new Ring(CAPACITY);
  readers = 0;
  writers = 0;
  /** How many writers there have ever been: a FIFO's reader is not hung up on before the first has come. */
  writersEver = 0;
  readersEver = 0;
  /** For who reads, who writes, and who holds both ends in one (fifo(7), O_RDWR). */
  readonly filled = new WaitQueue();
  readonly drained = new WaitQueue();
  readonly changed = new WaitQueue();

  /** @returns bytes moved, 0 at the end, or -EAGAIN */
  take(io: IoVector): number {
    if (io.remaining === 0) return 0;
    if (this.ring.length === 0) return this.writers === 0 ? 0 : -EAGAIN;
    const wasFull = this.ring.space < PIPE_BUF;
    const moved = this.ring.read(io);
    if (wasFull) this.wakeWriters();
    return moved;
  }

  /** @returns all of what had been asked for, or -EAGAIN with `io.moved` saying how much went in so far, or -EPIPE */
  put(io: IoVector): number {
    if (io.remaining === 0) return io.moved;
    if (this.readers === 0) return -EPIPE;
    const atOnce = io.moved === 0 && io.remaining <= PIPE_BUF ? io.remaining : 1;
    if (this.ring.space < atOnce) return -EAGAIN;
    this.ring.write(io);
    this.wakeReaders();
    return io.remaining === 0 || this.ring.space > 0 ? io.moved : -EAGAIN;
  }

  wakeReaders(): void {
    this.filled.wake(READABLE);
    this.changed.wake(READABLE);
  }

  wakeWriters(): void {
    this.drained.wake(WRITABLE);
    this.changed.wake(WRITABLE);
  }

  /** One end has come or gone. */
  wakeAll(): void {
    this.filled.wake();
    this.drained.wake();
    this.changed.wake();
  }
}

export class PipeEnd extends FileDescription {
  readonly pipe: Pipe;
  readonly name: string;
  override readonly waiters: WaitQueue;
  readonly #stat: () => Stat;
  readonly #writersBefore: number;

  /** @param stat of the pipe, or of the FIFO's inode */
  constructor(pipe: Pipe, flags: number, name: string, stat: () => Stat) {
    super(flags);
    this.pipe = pipe;
    this.name = name;
    this.#stat = stat;
    const both = this.readable && this.writable;
    this.waiters = both ? pipe.changed : this.readable ? pipe.filled : pipe.drained;
    this.#writersBefore = pipe.writers > 0 ? -1 : pipe.writersEver;
    if (this.readable) {
      pipe.readers++;
      pipe.readersEver++;
    }
    if (this.writable) {
      pipe.writers++;
      pipe.writersEver++;
    }
    pipe.wakeAll();
  }

  stat(): Stat {
    return this.#stat();
  }

  override read(io: IoVector, task: Task): number | Promise<number> {
    if (!this.readable) return -EBADF;
    const moved = this.pipe.take(io);
    if (moved !== -EAGAIN || this.nonblocking) return moved;
    return task.waitFor(this.waiters, () => this.pipe.take(io));
  }

  override write(io: IoVector, task: Task): number | Promise<number> {
    if (!this.writable) return -EBADF;
    const moved = this.pipe.put(io);
    if (moved >= 0) return moved;
    if (moved === -EAGAIN && !this.nonblocking) return this.#writeRest(io, task);
    return written(moved, io, task);
  }

  async #writeRest(io: IoVector, task: Task): Promise<number> {
    return written(await task.waitFor(this.waiters, () => this.pipe.put(io)), io, task);
  }

  override poll(): number {
    const { ring, readers, writers, writersEver } = this.pipe;
    let events = 0;
    if (this.readable) {
      if (ring.length > 0) events |= READABLE;
      if (writers === 0 && writersEver !== this.#writersBefore) events |= POLLHUP;
    }
    if (this.writable) {
      if (ring.space >= PIPE_BUF) events |= WRITABLE;
      if (readers === 0) events |= POLLERR;
    }
    return events;
  }

  override ioctl(task: Task, request: number, argument: number): number | Promise<number> {
    if (request !== FIONREAD) return super.ioctl(task, request, argument);
    task.memory.writeU32(argument, this.pipe.ring.length);
    return 0;
  }

  /** fcntl(2), F_GETPIPE_SZ. */
  get capacity(): number {
    return this.pipe.ring.limit;
  }

  /** fcntl(2), F_SETPIPE_SZ: rounds up to a power of two. @returns the new size or -errno */
  setCapacity(wanted: number): number {
    if (!(wanted >= 0 && wanted < 2 ** 31)) return -EINVAL;
    if (wanted > MOST) return -EPERM;
    let capacity = PIPE_BUF;
    while (capacity < wanted) capacity *= 2;
    if (capacity < this.pipe.ring.length) return -EBUSY;
    this.pipe.ring.setLimit(capacity);
    this.pipe.wakeWriters();
    return capacity;
  }

  override release(): void {
    if (this.readable) this.pipe.readers--;
    if (this.writable) this.pipe.writers--;
    this.pipe.wakeAll();
  }
}

/** What write(2) says in the end: what has gone in counts, but a pipe without readers raises SIGPIPE all the same. */
function written(result: number, io: IoVector, task: Task): number {
  if (result === -EPIPE) task.sendSignal(SIGNALS.SIGPIPE);
  const partly = result === -EPIPE || result === -EAGAIN || result === -ERESTARTSYS;
  return partly && io.moved > 0 ? io.moved : result;
}

/** @param flags O_NONBLOCK and O_DIRECT, for both ends */
export function newPipe(task: Task, flags: number): [PipeEnd, PipeEnd] {
  const pipe = new Pipe();
  const stat = anonymousStat(task, PIPE_DEVICE, S_IFIFO | 0o600);
  const name = `pipe:[${stat.ino}]`;
  const status = () => stat;
  return [
    new PipeEnd(pipe, O_RDONLY | flags, name, status),
    new PipeEnd(pipe, O_WRONLY | flags, name, status),
  ];
}
