/** Pseudo-terminals (pty(7)): a terminal whose wire is a description that a program holds, the master. */
import { EAGAIN, EINVAL, EIO, ENOTTY } from '../../../linux/errno.ts';
import {
  FIONREAD,
  TIOCGPGRP,
  TIOCGPTLCK,
  TIOCGPTN,
  TIOCGPTPEER,
  TIOCPKT,
  TIOCSCTTY,
  TIOCSPTLCK,
} from '../../../linux/ioctls.ts';
import { O_CLOEXEC, O_NOCTTY } from '../../../linux/open-flags.ts';
import { POLLHUP, READABLE, WRITABLE } from '../../../linux/poll.ts';
import { makeDevice, S_IFCHR } from '../../../linux/stat.ts';
import { IoVector } from '../../memory/io-vector.ts';
import type { Kernel } from '../../kernel.ts';
import type { Task } from '../../tasks/task.ts';
import type { Dentry } from '../dentry.ts';
import { FileDescription } from '../description.ts';
import { Ring } from '../special/ring.ts';
import { newStat, type Stat } from '../stat.ts';
import { terminalIoctl } from './ioctls.ts';
import { Terminal, type Wire } from './terminal.ts';
import { TerminalFile } from './terminal-file.ts';

/** Major number of the slaves (Documentation/admin-guide/devices.txt); of /dev/ptmx it is 5:2. */
export const SLAVE_MAJOR = 136;
export const PTMX = makeDevice(5, 2);

/** Output that waits for the master: programs wait at half of it, the rest is for echoes. */
const CAPACITY = 65_536;

export class PtyMaster extends FileDescription implements Wire {
  readonly name = '/dev/ptmx';
  readonly index: number;
  readonly terminal: Terminal;
  /** Until unlockpt(3) nobody opens the slave. */
  locked = true;
  /** Of the slave's name. */
  slaveStat: (() => Stat) | undefined;
  override readonly dentry: Dentry | undefined;
  readonly #screen = new Ring(CAPACITY);
  readonly #free: () => void;
  readonly #kernel: Kernel;
  /** Open slaves; -1: there has been none yet. */
  #slaves = -1;

  /** @param free the number may be used again */
  constructor(task: Task, index: number, flags: number, dentry: Dentry | undefined, free: () => void) {
    super(flags);
    this.index = index;
    this.dentry = dentry;
    this.terminal = new Terminal(this, makeDevice(SLAVE_MAJOR, index));
    this.#free = free;
    this.#kernel = task.kernel;
  }

  stat(): Stat {
    return this.dentry?.inode?.stat() ?? newStat({ dev: 0, ino: 2, mode: S_IFCHR | 0o666, rdev: PTMX });
  }

  get hasRoom(): boolean {
    return this.#screen.space > CAPACITY / 2;
  }

  transmit(bytes: Buffer): void {
    this.#screen.write(IoVector.kernel(bytes));
    this.waiters.wake(READABLE);
  }

  /** @param flags of open(2): without O_NOCTTY it becomes the terminal of a session that has none */
  openSlave(flags: number, dentry: Dentry | undefined, task: Task): TerminalFile | number {
    if (this.locked || this.terminal.hungUp) return -EIO;
    this.#slaves = Math.max(0, this.#slaves) + 1;
    const file = new TerminalFile({
      terminal: this.terminal,
      flags,
      name: `/dev/pts/${this.index}`,
      ...(dentry && { dentry }),
      ...(this.slaveStat && { stat: this.slaveStat }),
      closed: () => this.#slaveClosed(),
    });
    const { group } = task;
    const wants = (flags & O_NOCTTY) === 0 && group.isSessionLeader;
    if (wants && !group.session.terminal && !this.terminal.session) this.terminal.control(task);
    return file;
  }

  #slaveClosed(): void {
    this.#slaves--;
    if (this.#slaves === 0) this.waiters.wake();
  }

  override read(io: IoVector, task: Task): number | Promise<number> {
    const result = this.#take(io);
    if (result !== -EAGAIN || this.nonblocking) return result;
    return task.waitFor(this.waiters, () => this.#take(io));
  }

  /** After the last slave is closed: what is left, and then EIO. */
  #take(io: IoVector): number {
    if (this.#screen.length === 0) return this.#slaves === 0 ? -EIO : -EAGAIN;
    const wasFull = !this.hasRoom;
    const moved = this.#screen.read(io);
    if (wasFull && this.hasRoom) this.terminal.waiters.wake(WRITABLE);
    return moved;
  }

  override write(io: IoVector, task: Task): number | Promise<number> {
    const result = this.#put(io);
    if (result !== -EAGAIN) return result;
    if (this.nonblocking) return io.moved > 0 ? io.moved : -EAGAIN;
    return task
      .waitFor(this.terminal.waiters, () => this.#put(io))
      .then((late) => (late < 0 && io.moved > 0 ? io.moved : late));
  }

  #put(io: IoVector): number {
    if (this.#slaves === 0) return -EIO;
    while (io.remaining > 0) {
      const { room } = this.terminal.discipline;
      if (room === 0) return -EAGAIN;
      const bytes = Buffer.allocUnsafe(Math.min(room, io.remaining));
      io.take(bytes);
      this.terminal.receive(bytes);
    }
    return io.moved;
  }

  override poll(): number {
    const events = this.#screen.length > 0 ? READABLE : 0;
    if (this.#slaves === 0) return events | POLLHUP;
    return this.terminal.discipline.room > 0 ? events | WRITABLE : events;
  }

  override ioctl(task: Task, request: number, argument: number): number | Promise<number> {
    const { memory } = task;
    switch (request >>> 0) {
      case TIOCGPTN:
        memory.writeU32(argument, this.index);
        return 0;
      case TIOCSPTLCK:
        this.locked = memory.readI32(argument) !== 0;
        return 0;
      case TIOCGPTLCK:
        memory.writeU32(argument, Number(this.locked));
        return 0;
      case TIOCGPTPEER:
        return this.#installSlave(task, argument);
      case TIOCPKT:
        return memory.readI32(argument) === 0 ? 0 : -EINVAL;
      case FIONREAD:
        memory.writeU32(argument, this.#screen.length);
        return 0;
      case TIOCGPGRP:
        memory.writeU32(argument, this.terminal.foreground?.id ?? 0);
        return 0;
      case TIOCSCTTY:
        return -ENOTTY;
      default:
        return terminalIoctl(this.terminal, task, request, argument) ?? -ENOTTY;
    }
  }

  #installSlave(task: Task, flags: number): number {
    const file = this.openSlave(flags, undefined, task);
    if (typeof file === 'number') return file;
    const fd = task.files.install(file, (flags & O_CLOEXEC) !== 0);
    if (fd < 0) file.release();
    return fd;
  }

  override release(): void {
    this.terminal.hangUp(this.#kernel);
    this.#free();
    super.release();
  }
}
