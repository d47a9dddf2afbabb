import { beforeEach, describe, expect, it } from 'vitest';
import { PtyMaster } from '../../../src/kernel/files/terminal/pty.ts';
import type { TerminalFile } from '../../../src/kernel/files/terminal/terminal-file.ts';
import { IoVector } from '../../../src/kernel/memory/io-vector.ts';
import { SIG_IGN } from '../../../src/kernel/signals/actions.ts';
import { ProcessGroup, Session } from '../../../src/kernel/tasks/process-group.ts';
import { EAGAIN, EIO, ENOTTY, EPERM, ERESTARTSYS } from '../../../src/linux/errno.ts';
import {
  TCGETS,
  TCSETS,
  TIOCGPGRP,
  TIOCGPTN,
  TIOCGWINSZ,
  TIOCSCTTY,
  TIOCSPGRP,
  TIOCSPTLCK,
  TIOCSWINSZ,
} from '../../../src/linux/ioctls.ts';
import { O_NONBLOCK, O_RDWR } from '../../../src/linux/open-flags.ts';
import { POLLHUP, POLLIN, POLLOUT } from '../../../src/linux/poll.ts';
import { SIGNALS } from '../../../src/linux/signals.ts';
import { ECHO, ICANON, ISIG, TERMIOS, VMIN, VTIME } from '../../../src/linux/termios.ts';
import { FakeTask, fakeKernel } from '../support/task.ts';

let guest: FakeTask;
let master: PtyMaster;
let slave: TerminalFile;
let groups: Map<number, ProcessGroup>;

beforeEach(() => {
  groups = new Map();
  const processes = new Map();
  const pids = {
    processGroup: (id: number) => groups.get(id),
    process: (id: number) => processes.get(id),
  };
  guest = new FakeTask(fakeKernel({ pids } as never));
  processes.set(1, guest.group);
  groups.set(1, guest.group.processGroup);
  master = new PtyMaster(guest.task, 3, O_RDWR | O_NONBLOCK, undefined, () => undefined);
  master.locked = false;
  slave = master.openSlave(O_RDWR | O_NONBLOCK, undefined, guest.task) as TerminalFile;
});

const type = (text: string) => master.write(IoVector.kernel(Buffer.from(text, 'latin1')), guest.task);
const print = (text: string) => slave.write(IoVector.kernel(Buffer.from(text, 'latin1')), guest.task);

function read(file: PtyMaster | TerminalFile, length = 100): string | number {
  const bytes = Buffer.alloc(length);
  const count = file.read(IoVector.kernel(bytes), guest.task) as number;
  return count < 0 ? count : bytes.toString('latin1', 0, count);
}

const screen = () => read(master, 10_000);
const argument = (...bytes: number[]) => guest.memory.place(Buffer.from(bytes));

/** Changes flags of c_lflag, and characters. */
function set(on: number, off: number, characters: Record<number, number> = {}): void {
  const at = guest.memory.reserve(TERMIOS.size);
  slave.ioctl(guest.task, TCGETS, at);
  guest.memory.writeU32(at + TERMIOS.local, (guest.memory.readU32(at + TERMIOS.local) | on) & ~off);
  for (const [which, value] of Object.entries(characters)) {
    guest.memory.writeU8(at + TERMIOS.characters + Number(which), value);
  }
  expect(slave.ioctl(guest.task, TCSETS, at)).toBe(0);
}

describe('a line', () => {
  it('is echoed, and read when it is complete', () => {
    type('ec');
    expect(read(slave)).toBe(-EAGAIN);
    expect(slave.poll() & POLLIN).toBe(0);
    type('ho hi\rnext\n');
    expect(screen()).toBe('echo hi\r\nnext\r\n');
    expect(read(slave, 5)).toBe('echo ');
    expect([read(slave), read(slave), read(slave)]).toEqual(['hi\n', 'next\n', -EAGAIN]);
  });

  it.each([
    ['a character', 'abx\x7fc\n', 'abc\n', 'abx\b \bc\r\n'],
    ['a control character', 'a\x16\x01\x7fb\n', 'ab\n', 'a^\b^A\b \b\b \bb\r\n'],
    ['a word', 'one two \x17x\n', 'one x\n', `one two ${'\b \b'.repeat(4)}x\r\n`],
    ['everything', 'wrong\x15ok\n', 'ok\n', `wrong${'\b \b'.repeat(5)}ok\r\n`],
    ['a tab', 'a\t\x7fb\n', 'ab\n', `a\t${'\b \b'.repeat(7)}b\r\n`],
  ])('can be edited: erase %s', (_what, typed, line, shown) => {
    type(typed);
    expect(read(slave)).toBe(line);
    expect(screen()).toBe(shown);
  });

  it('ends at ^D without a newline, and the file with it when it is empty', () => {
    type('abc\x04');
    expect(read(slave)).toBe('abc');
    type('\x04');
    expect(slave.poll() & POLLIN).toBe(POLLIN);
    expect([read(slave), read(slave)]).toEqual(['', -EAGAIN]);
  });

  it('stops and goes on with ^S and ^Q', () => {
    type('\x13');
    expect(print('held')).toBe(-EAGAIN);
    expect(slave.poll() & POLLOUT).toBe(0);
    type('\x11');
    expect(print('go\n')).toBe(3);
    expect(screen()).toBe('go\r\n');
  });
});

describe('raw mode', () => {
  it('gives bytes as they come, and shows nothing', () => {
    set(0, ICANON | ECHO | ISIG);
    type('a\x03\x7f');
    expect(read(slave)).toBe('a\x03\x7f');
    expect(screen()).toBe(-EAGAIN);
  });

  it('waits for as many bytes as VMIN says', async () => {
    set(0, ICANON | ECHO, { [VMIN]: 3 });
    slave.flags &= ~O_NONBLOCK;
    const io = IoVector.kernel(Buffer.alloc(10));
    const waiting = slave.read(io, guest.task);
    type('ab');
    await Promise.resolve();
    expect(io.moved).toBe(0);
    type('c');
    expect(await waiting).toBe(3);
  });

  it('waits no longer than VTIME says', async () => {
    set(0, ICANON | ECHO, { [VMIN]: 0, [VTIME]: 1 });
    slave.flags &= ~O_NONBLOCK;
    expect(await slave.read(IoVector.kernel(Buffer.alloc(10)), guest.task)).toBe(0);
    set(0, 0, { [VMIN]: 5, [VTIME]: 1 });
    type('ab');
    expect(await slave.read(IoVector.kernel(Buffer.alloc(10)), guest.task)).toBe(2);
    set(0, 0, { [VMIN]: 0, [VTIME]: 0 });
    expect(slave.read(IoVector.kernel(Buffer.alloc(10)), guest.task)).toBe(0);
  });
});

describe('job control', () => {
  it('makes the terminal that of a session leader that opens it', () => {
    expect(guest.group.session.terminal).toBe(master.terminal);
    const at = guest.memory.reserve(4);
    expect(slave.ioctl(guest.task, TIOCGPGRP, at)).toBe(0);
    expect(guest.memory.readI32(at)).toBe(1);
    guest.joinSession(new Session(7), 7);
    expect(slave.ioctl(guest.task, TIOCGPGRP, at)).toBe(-ENOTTY);
    expect(slave.ioctl(guest.task, TIOCSCTTY, 0)).toBe(-EPERM);
  });

  it('sends signals for keys and sizes to the foreground', () => {
    type('lost\x03');
    expect(guest.signals).toEqual([{ signal: SIGNALS.SIGINT }]);
    expect(screen()).toBe('lost^C');
    expect(read(slave)).toBe(-EAGAIN);
    const size = argument(24, 0, 80, 0, 0, 0, 0, 0);
    master.ioctl(guest.task, TIOCSWINSZ, size);
    master.ioctl(guest.task, TIOCSWINSZ, size);
    expect(guest.signals.slice(1)).toEqual([{ signal: SIGNALS.SIGWINCH }]);
    const at = guest.memory.reserve(8);
    slave.ioctl(guest.task, TIOCGWINSZ, at);
    expect([guest.memory.readU16(at), guest.memory.readU16(at + 2)]).toEqual([24, 80]);
  });

  it('stops who reads or changes it from the background', () => {
    const { session } = guest.group;
    const other = new ProcessGroup(5, session);
    groups.set(5, other);
    expect(slave.ioctl(guest.task, TIOCSPGRP, argument(5, 0, 0, 0))).toBe(0);
    expect(read(slave)).toBe(-EIO);
    Object.defineProperty(guest.group.processGroup, 'orphaned', { value: false });
    expect(read(slave)).toBe(-ERESTARTSYS);
    expect(slave.ioctl(guest.task, TIOCSPGRP, argument(1, 0, 0, 0))).toBe(-ERESTARTSYS);
    expect(guest.signals.map(({ signal }) => signal)).toEqual([SIGNALS.SIGTTIN, SIGNALS.SIGTTOU]);
    const ignore = { handler: SIG_IGN, flags: 0, restorer: 0, mask: guest.mask };
    guest.group.actions.set(SIGNALS.SIGTTOU, ignore);
    expect(slave.ioctl(guest.task, TIOCSPGRP, argument(1, 0, 0, 0))).toBe(0);
    expect(print('x')).toBe(1);
  });

  it('hangs up when the master goes', async () => {
    slave.flags &= ~O_NONBLOCK;
    const waiting = slave.read(IoVector.kernel(Buffer.alloc(10)), guest.task);
    master.release();
    expect(await waiting).toBe(0);
    expect(print('x')).toBe(-EIO);
    expect(slave.poll() & POLLHUP).toBe(POLLHUP);
    expect(guest.signals.map(({ signal }) => signal)).toEqual([SIGNALS.SIGHUP, SIGNALS.SIGCONT]);
    expect(guest.group.session.terminal).toBeUndefined();
  });
});

describe('the master', () => {
  it('knows its number, and locks the slave', () => {
    const at = guest.memory.reserve(4);
    master.ioctl(guest.task, TIOCGPTN, at);
    expect(guest.memory.readI32(at)).toBe(3);
    master.ioctl(guest.task, TIOCSPTLCK, argument(1, 0, 0, 0));
    expect(master.openSlave(O_RDWR, undefined, guest.task)).toBe(-EIO);
  });

  it('reads what was written, and then learns that nobody writes any more', () => {
    print('last words');
    slave.release();
    expect(master.poll()).toBe(POLLIN | 0x40 | POLLHUP);
    expect([screen(), screen()]).toEqual(['last words', -EIO]);
  });

  it('lets a program that writes much wait', async () => {
    slave.flags &= ~O_NONBLOCK;
    const writing = print('y'.repeat(100_000)) as Promise<number>;
    let total = 0;
    while (total < 100_000) total += (read(master, 5000) as string).length;
    expect(await writing).toBe(100_000);
  });
});
