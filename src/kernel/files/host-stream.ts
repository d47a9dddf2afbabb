/**
 * Standard input, output or error of the sandbox: a descriptor of our own process, given to the guest.
 *
 * The kernel has one thread, which must never wait for the host. Regular files and devices such as /dev/null answer at
 * once. Pipes, sockets and terminals are read by Node's thread pool, no sooner than the guest asks, so that what it leaves
 * unread stays for whoever comes next; and written through a second description that does not block.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, read, readSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { EAGAIN, EPIPE, ESPIPE } from '../../linux/errno.ts';
import { O_ACCMODE, O_NOCTTY, O_NONBLOCK, O_WRONLY } from '../../linux/open-flags.ts';
import { POLLHUP, READABLE, WRITABLE } from '../../linux/poll.ts';
import { S_IFCHR, S_IFIFO, S_IFMT, S_IFREG, S_IFSOCK } from '../../linux/stat.ts';
import { SIGNALS } from '../../linux/signals.ts';
import type { IoVector } from '../memory/io-vector.ts';
import type { Task } from '../tasks/task.ts';
import { FileDescription } from './description.ts';
import { errnoOf, fstat } from './host.ts';
import { newStat, type Stat } from './stat.ts';

/** What is read from the host at most at once, and what a look whether there is anything reads. */
const CHUNK = 64 * 1024;
const GLANCE = 4096;
/** Milliseconds until a full pipe, or an empty one that does not block, is tried again. */
const PATIENCE = [0, 1, 2, 5, 10];

/** Answers a terminal's requests in place of the host (ioctl_tty(2)). */
export interface TerminalControl {
  ioctl(task: Task, request: number, argument: number): number | Promise<number>;
}

export interface HostStreamOptions {
  /** As /proc/self/fd shows it. */
  name?: string;
  terminal?: TerminalControl;
}

type HostCall = (fd: number, buffer: Buffer, start: number, length: number, position: null) => number;

export class HostStream extends FileDescription {
  readonly name: string;
  readonly #fd: number;
  readonly #terminal: TerminalControl | undefined;
  /** Answers at once: a regular file, or a device that is no terminal. */
  readonly #direct: boolean;
  readonly #regular: boolean;
  /** The same file opened again without blocking, where it can be. */
  #output: number;
  /** What has come and was not asked for yet. */
  #ready: Buffer | undefined;
  #ended = false;
  #failed = 0;
  #reading = false;
  #tries = 0;

  /** @param fd a descriptor of this process. It is not closed. @param flags O_RDONLY, O_WRONLY or O_RDWR */
  constructor(fd: number, flags: number, options: HostStreamOptions = {}) {
    super(flags);
    this.name = options.name ?? `host:[${fd}]`;
    this.#fd = fd;
    this.#terminal = options.terminal;
    const mode = fstatSync(fd).mode;
    this.#regular = (mode & S_IFMT) === S_IFREG;
    this.#direct = this.#regular || ((mode & S_IFMT) === S_IFCHR && !options.terminal && !isatty(fd));
    this.#output = this.#direct || (flags & O_ACCMODE) === 0 ? fd : openAgain(fd);
  }

  /** A socket of the host's is a pipe to the guest: it answers none of the calls that sockets have. */
  stat(): Stat {
    const status = fstat(this.#fd);
    if (typeof status === 'number') return newStat({ dev: 0, ino: this.#fd, mode: S_IFCHR | 0o620 });
    if ((status.mode & S_IFMT) === S_IFSOCK) status.mode = S_IFIFO | (status.mode & ~S_IFMT);
    return status;
  }

  override read(io: IoVector, task: Task): number | Promise<number> {
    if (this.#direct) return this.#transfer(io, readSync);
    const attempt = () => this.#take(io);
    const count = attempt();
    if (count !== -EAGAIN || this.nonblocking) return count;
    return task.waitFor(this.waiters, attempt);
  }

  #take(io: IoVector): number {
    if (io.remaining === 0) return 0;
    if (this.#ready) {
      const count = io.put(this.#ready);
      this.#ready = count < this.#ready.length ? this.#ready.subarray(count) : undefined;
      return count;
    }
    if (this.#failed < 0 || this.#ended) {
      const result = this.#failed;
      this.#failed = 0;
      this.#ended = false;
      return result;
    }
    this.#fetch(Math.min(io.remaining, CHUNK));
    return -EAGAIN;
  }

  #fetch(length: number): void {
    if (this.#reading) return;
    this.#reading = true;
    read(this.#fd, Buffer.allocUnsafe(length), 0, length, null, (error, count, buffer) => {
      if (error?.code === 'EAGAIN') {
        this.#later(() => {
          this.#reading = false;
          this.#fetch(length);
        });
        return;
      }
      this.#reading = false;
      if (error) this.#failed = errnoOf(error);
      else if (count === 0) this.#ended = true;
      else this.#ready = buffer.subarray(0, count);
      this.#tries = 0;
      this.waiters.wake();
    });
  }

  override write(io: IoVector, task: Task): number | Promise<number> {
    const attempt = () => {
      const moved = this.#transfer(io, writeSync);
      if (moved === -EPIPE) task.sendSignal(SIGNALS.SIGPIPE);
      return moved;
    };
    const count = attempt();
    if (count !== -EAGAIN || this.nonblocking) return count;
    return task.waitFor(this.waiters, () => {
      const again = attempt();
      if (again !== -EAGAIN) this.#tries = 0;
      return again;
    });
  }

  /** Moves bytes by host calls straight from or to the guest's memory. */
  #transfer(io: IoVector, call: HostCall): number {
    const fd = call === readSync ? this.#fd : this.#output;
    const before = io.moved;
    try {
      while (io.remaining > 0) {
        const { buffer, start, length } = io.stretch();
        const count = call(fd, buffer, start, length, null);
        io.advance(count);
        if (count < length) break;
      }
    } catch (error) {
      if (io.moved > before) return io.moved - before;
      if (!(error instanceof Error)) throw error;
      const errno = errnoOf(error);
      if (errno === -EAGAIN) this.#later(() => this.waiters.wake());
      return errno;
    }
    return io.moved - before;
  }

  #later(again: () => void): void {
    setTimeout(again, PATIENCE[Math.min(this.#tries++, PATIENCE.length - 1)]);
  }

  override readAt(io: IoVector, offset: number): number {
    if (!this.#regular) return -ESPIPE;
    const { buffer, start, length } = io.stretch();
    try {
      const count = readSync(this.#fd, buffer, start, length, offset);
      io.advance(count);
      return count;
    } catch (error) {
      return errnoOf(error);
    }
  }

  override writeAt(io: IoVector, offset: number): number {
    if (!this.#regular) return -ESPIPE;
    const { buffer, start, length } = io.stretch();
    try {
      const count = writeSync(this.#fd, buffer, start, length, offset);
      io.advance(count);
      return count;
    } catch (error) {
      return errnoOf(error);
    }
  }

  override truncate(length: number): number {
    try {
      ftruncateSync(this.#fd, length);
      return 0;
    } catch (error) {
      return errnoOf(error);
    }
  }

  override sync(): number {
    return 0;
  }

  override poll(): number {
    if (this.#direct) return READABLE | WRITABLE;
    let events = this.writable ? WRITABLE : 0;
    if (!this.readable) return events;
    if (this.#ready || this.#failed < 0) events |= READABLE;
    else if (this.#ended) events |= READABLE | POLLHUP;
    else this.#fetch(GLANCE);
    return events;
  }

  override ioctl(task: Task, request: number, argument: number): number | Promise<number> {
    return this.#terminal
      ? this.#terminal.ioctl(task, request, argument)
      : super.ioctl(task, request, argument);
  }

  override release(): void {
    if (this.#output !== this.#fd) closeSync(this.#output);
    this.#output = this.#fd;
    super.release();
  }
}

/** A description of our own: whether it blocks is then nobody else's concern. Sockets cannot be opened again. */
function openAgain(fd: number): number {
  try {
    return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return fd;
  }
}
