import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HostStream } from '../../../src/kernel/files/host-stream.ts';
import { IoVector } from '../../../src/kernel/memory/io-vector.ts';
import { addon } from '../../../src/linux/addon.ts';
import { EAGAIN, EPIPE } from '../../../src/linux/errno.ts';
import { O_NONBLOCK, O_RDONLY, O_WRONLY } from '../../../src/linux/open-flags.ts';
import { FakeTask } from '../support/task.ts';

const { task } = new FakeTask();

function pipe() {
  const [reader, writer] = addon().pipe();
  return { reader, writer };
}

test('a pipe is read when something comes, and only as far as was asked', async () => {
  const { reader, writer } = pipe();
  const stream = new HostStream(reader, O_RDONLY);
  const buffer = Buffer.alloc(5);
  const reading = stream.read(IoVector.kernel(buffer), task);
  expect(reading).toBeInstanceOf(Promise);
  writeSync(writer, 'hello, world');
  expect(await reading).toBe(5);
  expect(buffer.toString()).toBe('hello');
  const rest = Buffer.alloc(16);
  expect(rest.toString('latin1', 0, readSync(reader, rest))).toBe(', world');
  closeSync(writer);
  expect(await stream.read(IoVector.kernel(buffer), task)).toBe(0);
  expect(await stream.read(IoVector.kernel(buffer), task)).toBe(0);
  closeSync(reader);
});

test('poll tells of what has come without taking it away', async () => {
  const { reader, writer } = pipe();
  const stream = new HostStream(reader, O_RDONLY | O_NONBLOCK);
  expect(stream.poll()).toBe(0);
  expect(stream.read(IoVector.kernel(Buffer.alloc(1)), task)).toBe(-EAGAIN);
  await new Promise<void>((resolve) => {
    stream.waiters.add({ notify: () => resolve() });
    writeSync(writer, 'x');
  });
  expect(stream.poll() & 1).toBe(1);
  expect(stream.read(IoVector.kernel(Buffer.alloc(1)), task)).toBe(1);
  closeSync(writer);
  closeSync(reader);
});

test('a full pipe makes the writer wait, not the kernel', async () => {
  const { reader, writer } = pipe();
  const stream = new HostStream(writer, O_WRONLY);
  const text = Buffer.alloc(100_000, 'a');
  const first = stream.write(IoVector.kernel(text), task);
  expect(first).toBeTypeOf('number');
  const waiting = stream.write(IoVector.kernel(text), task);
  expect(waiting).toBeInstanceOf(Promise);
  const buffer = Buffer.alloc(200_000);
  readSync(reader, buffer);
  expect(await waiting).toBeGreaterThan(0);
  closeSync(reader);
  expect(stream.write(IoVector.kernel(text), task)).toBe(-EPIPE);
  stream.references = 1;
  stream.release();
  closeSync(writer);
});

test('a regular file is written at the position that it shares with its other users', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ring3-stream-'));
  const fd = openSync(join(folder, 'out'), 'w');
  writeSync(fd, 'before ');
  const stream = new HostStream(fd, O_WRONLY);
  expect(stream.write(IoVector.kernel(Buffer.from('guest ')), task)).toBe(6);
  writeSync(fd, 'after');
  closeSync(fd);
  expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('before guest after');
  rmSync(folder, { recursive: true });
});
