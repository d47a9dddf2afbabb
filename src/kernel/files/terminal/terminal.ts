/**
 * A terminal as programs know it: settings, size, a line discipline, and the session that it controls (tty(4),
 * credentials(7)). Where its bytes come from and go to is the wire's affair: a pseudo-terminal's master, or the host.
 */
import { EIO, ERESTARTSYS } from '../../../linux/errno.ts';
import { READABLE, WRITABLE } from '../../../linux/poll.ts';
import { SIGNALS } from '../../../linux/signals.ts';
import { TOSTOP } from '../../../linux/termios.ts';
import type { Kernel } from '../../kernel.ts';
import type { ControllingTerminal, ProcessGroup, Session } from '../../tasks/process-group.ts';
import type { Task } from '../../tasks/task.ts';
import { WaitQueue } from '../../wait-queue.ts';
import { LineDiscipline } from './line-discipline.ts';

/** What is at the other end. */
export interface Wire {
  /** Takes bytes for the screen; more than it has room for is lost. */
  transmit(bytes: Buffer): void;
  /** Is there room for more? `terminal.waiters` is woken when there is again. */
  readonly hasRoom: boolean;
}

export interface WindowSize {
  rows: number;
  columns: number;
  width: number;
  height: number;
}

export class Terminal implements ControllingTerminal {
  readonly discipline: LineDiscipline;
  /** Woken when there is input, room for output, or an end. */
  readonly waiters = new WaitQueue();
  size: WindowSize = { rows: 0, columns: 0, width: 0, height: 0 };
  session: Session | undefined;
  foreground: ProcessGroup | undefined;
  /** Device number, for stat. */
  readonly device: number;
  /** The wire is cut: reads end, writes fail. */
  hungUp = false;
  readonly #wire: Wire;

  constructor(wire: Wire, device: number) {
    this.#wire = wire;
    this.device = device;
    this.discipline = new LineDiscipline({
      transmit: (bytes) => this.#wire.transmit(bytes),
      signal: (signal) => void this.foreground?.sendSignal(signal),
      readable: () => this.waiters.wake(READABLE),
      writable: () => this.waiters.wake(WRITABLE),
    });
  }

  /** Can programs write now? */
  get writable(): boolean {
    return this.#wire.hasRoom && !this.discipline.stopped;
  }

  /** From the keyboard. */
  receive(bytes: Buffer): void {
    this.discipline.receive(bytes);
  }

  /** Tells the foreground group when it is a change (tty_ioctl(4), SIGWINCH). */
  resize(size: WindowSize): void {
    const { rows, columns, width, height } = this.size;
    if (rows === size.rows && columns === size.columns && width === size.width && height === size.height)
      return;
    this.size = size;
    this.foreground?.sendSignal(SIGNALS.SIGWINCH);
  }

  /** Becomes the terminal of the session that `task` leads. */
  control(task: Task): void {
    const { session, processGroup } = task.group;
    this.session = session;
    this.foreground = processGroup;
    session.terminal = this;
  }

  /** The session does without it from now on. */
  leave(): void {
    if (this.session) this.session.terminal = undefined;
    this.session = undefined;
    this.foreground = undefined;
  }

  leaderExited(session: Session): void {
    if (this.session !== session) return;
    const { foreground } = this;
    this.leave();
    foreground?.sendSignal(SIGNALS.SIGHUP);
    foreground?.sendSignal(SIGNALS.SIGCONT);
  }

  /** The other end is gone: the session's leader is told (tty_ioctl(4); Linux: __tty_hangup). */
  hangUp(kernel: Kernel): void {
    this.hungUp = true;
    const leader = this.session && kernel.pids.process(this.session.id);
    this.leave();
    leader?.sendSignal(SIGNALS.SIGHUP);
    leader?.sendSignal(SIGNALS.SIGCONT);
    this.waiters.wake();
  }

  /** Is it the controlling terminal of a process that is not in its foreground? */
  isBackground(task: Task): boolean {
    const { session, processGroup } = task.group;
    return session.terminal === this && this.foreground !== undefined && processGroup !== this.foreground;
  }

  /** A read from the background. @returns 0: go on; or -errno, SIGTTIN sent */
  checkRead(task: Task): number {
    if (!this.isBackground(task)) return 0;
    if (unheard(task, SIGNALS.SIGTTIN) || task.group.processGroup.orphaned) return -EIO;
    task.group.processGroup.sendSignal(SIGNALS.SIGTTIN);
    return -ERESTARTSYS;
  }

  /** A write from the background, which only TOSTOP forbids. */
  checkWrite(task: Task): number {
    return (this.discipline.termios.local & TOSTOP) === 0 ? 0 : this.checkChange(task);
  }

  /** A change of settings from the background (tty_check_change, drivers/tty/tty_jobctrl.c). */
  checkChange(task: Task): number {
    if (!this.isBackground(task) || unheard(task, SIGNALS.SIGTTOU)) return 0;
    if (task.group.processGroup.orphaned) return -EIO;
    task.group.processGroup.sendSignal(SIGNALS.SIGTTOU);
    return -ERESTARTSYS;
  }
}

function unheard(task: Task, signal: number): boolean {
  return task.mask.has(signal) || task.group.actions.ignores(signal);
}
