/** What ioctl(2) does with a terminal (ioctl_tty(2)), at either end of a pseudo-terminal. */
import { EINVAL, EIO, ENOTTY, EPERM, ESRCH } from '../../../linux/errno.ts';
import {
  FIONREAD,
  TCFLSH,
  TCGETS,
  TCGETS2,
  TCSBRK,
  TCSBRKP,
  TCSETS,
  TCSETS2,
  TCSETSF,
  TCSETSW,
  TCXONC,
  TIOCEXCL,
  TIOCGETD,
  TIOCGPGRP,
  TIOCGSID,
  TIOCGWINSZ,
  TIOCNOTTY,
  TIOCNXCL,
  TIOCOUTQ,
  TIOCSCTTY,
  TIOCSPGRP,
  TIOCSTI,
  TIOCSWINSZ,
} from '../../../linux/ioctls.ts';
import { WRITABLE } from '../../../linux/poll.ts';
import { TCIFLUSH, TCIOFLUSH, TCOFLUSH, TCOOFF, TCOON, WINSIZE } from '../../../linux/termios.ts';
import type { Task } from '../../tasks/task.ts';
import { readTermios, writeTermios } from './termios.ts';
import type { Terminal } from './terminal.ts';

/** TCSETSW2 and TCSETSF2 follow TCSETS2. */
const [TCSETSW2, TCSETSF2] = [TCSETS2 + 1, TCSETS2 + 2];

type Request = (terminal: Terminal, task: Task, argument: number) => number;

function getTermios(two: boolean): Request {
  return (terminal, task, argument) => {
    writeTermios(task.memory, argument, two, terminal.discipline.termios);
    return 0;
  };
}

/** Output has always gone out already, so that there is nothing to wait for. */
function setTermios(two: boolean, flushes: boolean): Request {
  return (terminal, task, argument) => {
    const refusal = terminal.checkChange(task);
    if (refusal < 0) return refusal;
    const { discipline } = terminal;
    const termios = readTermios(task.memory, argument, two, discipline.termios);
    if (flushes) discipline.flushInput();
    discipline.setTermios(termios);
    return 0;
  };
}

function getSize(terminal: Terminal, task: Task, argument: number): number {
  const { rows, columns, width, height } = terminal.size;
  task.memory.writeU16(argument + WINSIZE.rows, rows);
  task.memory.writeU16(argument + WINSIZE.columns, columns);
  task.memory.writeU16(argument + WINSIZE.width, width);
  task.memory.writeU16(argument + WINSIZE.height, height);
  return 0;
}

function setSize(terminal: Terminal, task: Task, argument: number): number {
  terminal.resize({
    rows: task.memory.readU16(argument + WINSIZE.rows),
    columns: task.memory.readU16(argument + WINSIZE.columns),
    width: task.memory.readU16(argument + WINSIZE.width),
    height: task.memory.readU16(argument + WINSIZE.height),
  });
  return 0;
}

function getForeground(terminal: Terminal, task: Task, argument: number): number {
  if (task.group.session.terminal !== terminal) return -ENOTTY;
  task.memory.writeU32(argument, terminal.foreground?.id ?? 0);
  return 0;
}

function setForeground(terminal: Terminal, task: Task, argument: number): number {
  const refusal = terminal.checkChange(task);
  if (refusal < 0) return refusal === -EIO ? -ENOTTY : refusal;
  const { session } = task.group;
  if (session.terminal !== terminal) return -ENOTTY;
  const id = task.memory.readI32(argument);
  if (id < 0) return -EINVAL;
  const group = task.kernel.pids.processGroup(id);
  if (!group) return -ESRCH;
  if (group.session !== session) return -EPERM;
  terminal.foreground = group;
  return 0;
}

function getSession(terminal: Terminal, task: Task, argument: number): number {
  if (!terminal.session || task.group.session.terminal !== terminal) return -ENOTTY;
  task.memory.writeU32(argument, terminal.session.id);
  return 0;
}

/** @param argument 1: root may take it from another session */
function takeControl(terminal: Terminal, task: Task, argument: number): number {
  const { group } = task;
  if (group.isSessionLeader && terminal.session === group.session) return 0;
  if (!group.isSessionLeader || group.session.terminal) return -EPERM;
  if (terminal.session) {
    if (argument !== 1 || task.credentials.euid !== 0) return -EPERM;
    terminal.leave();
  }
  terminal.control(task);
  return 0;
}

/** A leader takes the whole session with it (TIOCNOTTY). */
function giveUpControl(terminal: Terminal, task: Task): number {
  const { session } = task.group;
  if (session.terminal !== terminal) return -ENOTTY;
  if (task.group.isSessionLeader) terminal.leaderExited(session);
  return 0;
}

function flush(terminal: Terminal, task: Task, which: number): number {
  const refusal = terminal.checkChange(task);
  if (refusal < 0) return refusal;
  if (which !== TCIFLUSH && which !== TCOFLUSH && which !== TCIOFLUSH) return -EINVAL;
  if (which !== TCOFLUSH) terminal.discipline.flushInput();
  return 0;
}

function flow(terminal: Terminal, task: Task, which: number): number {
  const refusal = terminal.checkChange(task);
  if (refusal < 0) return refusal;
  if (which !== TCOOFF && which !== TCOON) return which === 2 || which === 3 ? 0 : -EINVAL;
  terminal.discipline.stopped = which === TCOOFF;
  if (which === TCOON) terminal.waiters.wake(WRITABLE);
  return 0;
}

function put32(value: (terminal: Terminal) => number): Request {
  return (terminal, task, argument) => {
    task.memory.writeU32(argument, value(terminal));
    return 0;
  };
}

const nothing = () => 0;

const REQUESTS: ReadonlyMap<number, Request> = new Map<number, Request>([
  [TCGETS, getTermios(false)],
  [TCGETS2, getTermios(true)],
  [TCSETS, setTermios(false, false)],
  [TCSETSW, setTermios(false, false)],
  [TCSETSF, setTermios(false, true)],
  [TCSETS2, setTermios(true, false)],
  [TCSETSW2, setTermios(true, false)],
  [TCSETSF2, setTermios(true, true)],
  [TIOCGWINSZ, getSize],
  [TIOCSWINSZ, setSize],
  [TIOCGPGRP, getForeground],
  [TIOCSPGRP, setForeground],
  [TIOCGSID, getSession],
  [TIOCSCTTY, takeControl],
  [TIOCNOTTY, giveUpControl],
  [TCFLSH, flush],
  [TCXONC, flow],
  [TCSBRK, nothing],
  [TCSBRKP, nothing],
  [TIOCEXCL, nothing],
  [TIOCNXCL, nothing],
  [FIONREAD, put32(({ discipline }) => discipline.available)],
  [TIOCOUTQ, put32(() => 0)],
  [TIOCGETD, put32(() => 0)],
  // Keys that a program types for another one: Linux has it switched off, too (dev.tty.legacy_tiocsti).
  [TIOCSTI, () => -EIO],
]);

/** @returns undefined for a request that no terminal knows */
export function terminalIoctl(
  terminal: Terminal,
  task: Task,
  request: number,
  argument: number,
): number | undefined {
  return REQUESTS.get(request >>> 0)?.(terminal, task, argument);
}
