/** An open terminal, as programs hold it on their standard streams: /dev/pts/N, /dev/tty, a console. */
import { EAGAIN, EIO, ENOTTY, ERESTARTSYS } from '../../../linux/errno.ts';
import { POLLERR, POLLHUP, READABLE, WRITABLE } from '../../../linux/poll.ts';
import { S_IFCHR } from '../../../linux/stat.ts';
import { VMIN, VTIME } from '../../../linux/termios.ts';
import type { IoVector } from '../../memory/io-vector.ts';
import type { Task } from '../../tasks/task.ts';
import { WaitQueue } from '../../wait-queue.ts';
import type { Dentry } from '../dentry.ts';
import { FileDescription } from '../description.ts';
import { newStat, type Stat } from '../stat.ts';
import { terminalIoctl } from './ioctls.ts';
import type { Terminal } from './terminal.ts';

/** Written at most at once, so that a large write lets others in. */
const CHUNK = 4096;
/** Milliseconds in the unit of VTIME. */
const DECISECOND = 100;

export interface TerminalFileParts {
  terminal: Terminal;
  flags: number;
  /** What ttyname(3) finds. */
  name: string;
  dentry?: Dentry;
  /** Where it was opened without a path. */
  stat?: () => Stat;
  closed?: () => void;
}

export class TerminalFile extends FileDescription {
  readonly terminal: Terminal;
  readonly name: string;
  override readonly dentry: Dentry | undefined;
  override readonly waiters: WaitQueue;
  readonly #closed: (() => void) | undefined;
  readonly #stat: (() => Stat) | undefined;

  constructor({ terminal, flags, name, dentry, stat, closed }: TerminalFileParts) {
    super(flags);
    this.terminal = terminal;
    this.name = name;
    this.dentry = dentry;
    this.waiters = terminal.waiters;
    this.#closed = closed;
    this.#stat = stat;
  }

  stat(): Stat {
    const { device } = this.terminal;
    const known = this.dentry?.inode?.stat() ?? this.#stat?.();
    return known ?? newStat({ dev: 0, ino: device, mode: S_IFCHR | 0o620, rdev: device });
  }

  override read(io: IoVector, task: Task): number | Promise<number> {
    const refusal = this.terminal.checkRead(task);
    if (refusal < 0) return refusal;
    const result = this.#take(io);
    if (result !== -EAGAIN) return result;
    if (this.nonblocking) return -EAGAIN;
    return this.#readLater(io, task);
  }

  /** @returns -EAGAIN when there is less than a read has to wait for */
  #take(io: IoVector): number {
    const { discipline, hungUp } = this.terminal;
    if (io.remaining === 0) return 0;
    if (discipline.canonical) return discipline.hasInput ? discipline.read(io) : hungUp ? 0 : -EAGAIN;
    const { characters } = discipline.termios;
    const least = Math.min(characters[VMIN]!, io.remaining);
    const there = discipline.available;
    if (there > 0 && (there >= least || this.nonblocking)) return discipline.read(io);
    if (hungUp) return 0;
    return least === 0 && characters[VTIME] === 0 && !this.nonblocking ? 0 : -EAGAIN;
  }

  /** termios(3), "Canonical and noncanonical mode": VMIN bytes, or VTIME since the call (VMIN 0) or the last byte. */
  async #readLater(io: IoVector, task: Task): Promise<number> {
    const { terminal } = this;
    const { discipline } = terminal;
    for (;;) {
      const { characters } = discipline.termios;
      const pause = discipline.canonical ? 0 : characters[VTIME]! * DECISECOND;
      const seen = discipline.available;
      const timed = pause > 0 && (characters[VMIN] === 0 || seen > 0);
      const deadline = timed ? task.kernel.clock.monotonic() + pause : Infinity;
      const progress = () => {
        const result = this.#take(io);
        return result === -EAGAIN && pause > 0 && discipline.available > seen ? PROGRESS : result;
      };
      const result = await task.waitFor(terminal.waiters, progress, deadline);
      if (result >= 0 || result === -ERESTARTSYS) {
        const refusal = result >= 0 ? 0 : terminal.checkRead(task);
        return refusal < 0 ? refusal : result;
      }
      if (result === PROGRESS) continue;
      return discipline.available > 0 ? discipline.read(io) : 0;
    }
  }

  override write(io: IoVector, task: Task): number | Promise<number> {
    const refusal = this.terminal.checkWrite(task);
    if (refusal < 0) return refusal;
    const result = this.#put(io);
    if (result !== -EAGAIN) return result;
    if (this.nonblocking) return io.moved > 0 ? io.moved : -EAGAIN;
    return task
      .waitFor(this.waiters, () => this.#put(io))
      .then((late) => (late < 0 && io.moved > 0 ? io.moved : late));
  }

  /** @returns bytes moved when all are written, or -EAGAIN */
  #put(io: IoVector): number {
    const { terminal } = this;
    if (terminal.hungUp) return -EIO;
    while (io.remaining > 0) {
      if (!terminal.writable) return -EAGAIN;
      const bytes = Buffer.allocUnsafe(Math.min(CHUNK, io.remaining));
      io.take(bytes);
      terminal.discipline.write(bytes);
    }
    return io.moved;
  }

  override poll(): number {
    const { terminal } = this;
    if (terminal.hungUp) return READABLE | WRITABLE | POLLERR | POLLHUP;
    return (terminal.discipline.hasInput ? READABLE : 0) | (terminal.writable ? WRITABLE : 0);
  }

  override ioctl(task: Task, request: number, argument: number): number | Promise<number> {
    if (this.terminal.hungUp) return -EIO;
    return terminalIoctl(this.terminal, task, request, argument) ?? -ENOTTY;
  }

  override release(): void {
    this.#closed?.();
    super.release();
  }
}

/** There are more bytes than before, and not enough: the time between bytes begins again. */
const PROGRESS = -0x7000;
