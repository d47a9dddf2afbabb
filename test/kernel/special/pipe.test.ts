import { beforeEach, describe, expect, it } from 'vitest';
import { pipes } from '../../../src/kernel/syscalls/pipes.ts';
import { IoVector } from '../../../src/kernel/memory/io-vector.ts';
import { PipeEnd } from '../../../src/kernel/files/special/pipe.ts';
import { Fifo } from '../../../src/kernel/files/special/fifo.ts';
import { newStat } from '../../../src/kernel/files/stat.ts';
import { EAGAIN, EBUSY, EMFILE, ENXIO, EPIPE, ERESTARTSYS } from '../../../src/linux/errno.ts';
import { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } from '../../../src/linux/open-flags.ts';
import { POLLERR, POLLHUP, READABLE, WRITABLE } from '../../../src/linux/poll.ts';
import { SIGNALS } from '../../../src/linux/signals.ts';
import { FakeTask } from '../support/task.ts';

let guest: FakeTask;
let reader: PipeEnd;
let writer: PipeEnd;

function open(flags = 0): void {
  const address = guest.memory.reserve(8);
  expect(guest.call(pipes, 'pipe2', address, flags)).toBe(0);
  reader = guest.files.get(guest.memory.readI32(address)) as PipeEnd;
  writer = guest.files.get(guest.memory.readI32(address + 4)) as PipeEnd;
}

const write = (bytes: string | Buffer) =>
  writer.write(IoVector.kernel(Buffer.from(bytes as string)), guest.task);
const into = (length: number) => {
  const address = guest.memory.reserve(length);
  return { address, io: IoVector.user(guest.memory, address, length, true) };
};
function read(length: number): number | string | Promise<number> {
  const { address, io } = into(length);
  const count = reader.read(io, guest.task);
  return typeof count === 'number' && count > 0 ? guest.memory.text(address, count) : count;
}

beforeEach(() => {
  guest = new FakeTask();
  open(O_NONBLOCK);
});

describe('a pipe', () => {
  it('moves bytes in order, as many as there are', () => {
    expect(write('hello ')).toBe(6);
    expect(write('world')).toBe(5);
    expect(read(8)).toBe('hello wo');
    expect(read(100)).toBe('rld');
    expect(read(100)).toBe(-EAGAIN);
  });

  it('keeps order while it grows, wraps and shrinks to nothing', () => {
    let sent = '';
    let got = '';
    for (let round = 0; round < 400; round++) {
      const piece = String.fromCharCode(97 + (round % 26)).repeat(1 + ((round * 97) % 700));
      if (write(piece) === piece.length) sent += piece;
      if (round % 3 > 0) got += read(600);
    }
    for (let rest = read(4096); typeof rest === 'string'; rest = read(4096)) got += rest;
    expect(got).toBe(sent);
  });

  it('does not tear writes of up to 4096 bytes, and tears larger ones', () => {
    expect(write(Buffer.alloc(65536 - 100))).toBe(65436);
    expect(writer.poll()).toBe(0);
    expect(write(Buffer.alloc(101))).toBe(-EAGAIN);
    expect(write(Buffer.alloc(5000))).toBe(100);
    expect(write('x')).toBe(-EAGAIN);
  });

  it('lets a reader wait for a writer, and a writer for room', async () => {
    open();
    const { io, address } = into(10);
    const waiting = reader.read(io, guest.task);
    expect(waiting).toBeInstanceOf(Promise);
    write('late');
    expect(await waiting).toBe(4);
    expect(guest.memory.text(address, 4)).toBe('late');

    const large = write(Buffer.alloc(100_000, 'y')) as Promise<number>;
    let total = 0;
    while (total < 100_000) total += (read(9999) as string).length;
    expect(await large).toBe(100_000);
  });

  it('says how much went in before a signal', async () => {
    open();
    const waiting = write(Buffer.alloc(70_000)) as Promise<number>;
    guest.interrupt();
    expect(await waiting).toBe(65_536);
    const nothing = write(Buffer.alloc(10)) as Promise<number>;
    guest.interrupt();
    expect(await nothing).toBe(-ERESTARTSYS);
  });

  it('ends when the last writer goes', () => {
    write('rest');
    writer.release();
    expect(reader.poll()).toBe(READABLE | POLLHUP);
    expect(read(10)).toBe('rest');
    expect(read(10)).toBe(0);
  });

  it('breaks when the last reader goes', () => {
    reader.release();
    expect(writer.poll()).toBe(WRITABLE | POLLERR);
    expect(write('x')).toBe(-EPIPE);
    expect(guest.signals).toEqual([{ signal: SIGNALS.SIGPIPE }]);
  });

  it('keeps the bytes that guest memory has no place for', () => {
    write('abcd');
    const last = guest.memory.base + guest.memory.buffer.length;
    expect(() => reader.read(IoVector.user(guest.memory, last - 2, 4, true), guest.task)).toThrow();
    expect(read(4)).toBe('abcd');
  });

  it('changes its capacity, never below what is in it', () => {
    expect(writer.setCapacity(5000)).toBe(8192);
    expect(write(Buffer.alloc(9000))).toBe(8192);
    expect(reader.setCapacity(4096)).toBe(-EBUSY);
    expect(reader.setCapacity(1 << 17)).toBe(1 << 17);
    expect(read(1)).toBe('\0');
  });

  it('leaves nothing behind when there is no room for the second descriptor', () => {
    guest.files.limit = guest.files.descriptors().length + 1;
    expect(guest.call(pipes, 'pipe2', guest.memory.reserve(8), 0)).toBe(-EMFILE);
    expect(guest.files.descriptors()).toHaveLength(2);
  });
});

describe('splice and tee', () => {
  it('moves what is in one pipe to another, or copies it', async () => {
    write('payload');
    const from = 0;
    const source = reader;
    open(O_NONBLOCK);
    const to = 3;
    expect(await guest.call(pipes, 'tee', from, to, 3, 0)).toBe(3);
    expect(await guest.call(pipes, 'splice', from, 0, to, 0, -1, 0)).toBe(7);
    expect(read(100)).toBe('paypayload');
    expect(source.pipe.ring.length).toBe(0);
  });
});

describe('a FIFO', () => {
  const stat = () => newStat({ dev: 1, ino: 1, mode: 0o010644 });

  it('lets each end wait for the other', async () => {
    const fifo = new Fifo();
    const opening = fifo.open(O_RDONLY, '/f', stat, guest.task);
    expect(opening).toBeInstanceOf(Promise);
    const end = fifo.open(O_WRONLY, '/f', stat, guest.task);
    expect(end).toBeInstanceOf(PipeEnd);
    expect(await opening).toBeInstanceOf(PipeEnd);
  });

  it('refuses a writer that will not wait, and takes such a reader', () => {
    const fifo = new Fifo();
    expect(fifo.open(O_WRONLY | O_NONBLOCK, '/f', stat, guest.task)).toBe(-ENXIO);
    const end = fifo.open(O_RDONLY | O_NONBLOCK, '/f', stat, guest.task) as PipeEnd;
    expect(end.poll()).toBe(0);
    const both = fifo.open(O_RDWR, '/f', stat, guest.task) as PipeEnd;
    expect(both.poll()).toBe(WRITABLE);
    both.release();
    expect(end.poll()).toBe(POLLHUP);
  });
});
