/**
 * The program of a submission's process: it loads the submission and calls its exports for the grader.
 *
 * Descriptor 3 carries calls and their results. Descriptor 4 carries the calls that the submission makes back into
 * the grader and cannot wait for asynchronously (a clock): written and read with blocking system calls.
 * The submission can do to this process whatever it likes. That changes nothing but its own answers: the grader holds
 * the other ends, the expected values never come here, and only values travel back.
 */
import { readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { frame, fromWire, reader, toWire } from './wire.ts';

interface Reply {
  id: number;
  ok: boolean;
  value?: unknown;
  error?: string;
}

const requests = new Socket({ fd: 3, readable: true, writable: true });
const write = requests.write.bind(requests);
const exit = process.exit.bind(process);
const own = Object.prototype.hasOwnProperty;
const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
let exported: Record<string, unknown> = {};
let lastCallback = 0;

const text = (value: unknown) => {
  try {
    return String(value).slice(0, 2000);
  } catch {
    return 'something that has no text';
  }
};

function describe(error: unknown) {
  if (!(error instanceof Error)) return { name: 'thrown', message: text(error), stack: '' };
  return { name: text(error.name), message: text(error.message), stack: text(error.stack) };
}

function readExactly(length: number): Buffer {
  const buffer = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const got = readSync(4, buffer, at, length - at, null);
    if (got === 0) exit(1);
    at += got;
  }
  return buffer;
}

function callSync(fn: number, args: unknown[]): unknown {
  const bytes = frame({ type: 'callback', id: ++lastCallback, fn, args: toWire(args) });
  for (let at = 0; at < bytes.length;) at += writeSync(4, bytes, at);
  const head = readExactly(4);
  const [reply] = reader()(Buffer.concat([head, readExactly(head.readUInt32LE(0))])) as [Reply];
  if (!reply.ok) throw new Error(reply.error);
  return fromWire(reply.value);
}

function callAsync(fn: number, args: unknown[]): Promise<unknown> {
  const id = ++lastCallback;
  return new Promise((resolve, reject) => {
    const message = frame({ type: 'callback', id, fn, args: toWire(args) });
    waiting.set(id, { resolve, reject });
    write(message);
  });
}

/** A function of the grader, as the submission sees it. */
function resolveFunction(reference: unknown): unknown {
  const { fn, sync } = reference as { fn: number; sync: boolean };
  return sync ? (...args: unknown[]) => callSync(fn, args) : (...args: unknown[]) => callAsync(fn, args);
}

async function answer(call: { id: number; name: string; args: unknown }): Promise<void> {
  try {
    const fn = own.call(exported, call.name) ? exported[call.name] : undefined;
    if (typeof fn !== 'function') {
      write(frame({ type: 'missing', id: call.id }));
      return;
    }
    const value: unknown = await fn(...(fromWire(call.args, resolveFunction) as unknown[]));
    write(frame({ type: 'result', id: call.id, value: toWire(value) }));
  } catch (error) {
    const unfit = error instanceof Error && error.name === 'WireError';
    write(frame({ type: unfit ? 'unfit' : 'thrown', id: call.id, error: describe(error) }));
  }
}

const read = reader();
requests.on('data', (chunk: Buffer) => {
  for (const message of read(chunk)) {
    const { type } = message as { type: string };
    if (type === 'call') void answer(message as never);
    else if (type === 'reply') {
      const reply = message as Reply;
      const caller = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.ok) caller?.resolve(fromWire(reply.value));
      else caller?.reject(new Error(reply.error));
    }
  }
});
requests.on('end', () => exit(1));
requests.on('error', () => exit(1));

try {
  exported = (await import(process.argv[2] as string)) as Record<string, unknown>;
  write(frame({ type: 'ready', exports: Object.keys(exported).slice(0, 100) }));
} catch (error) {
  write(frame({ type: 'unloadable', error: describe(error) }));
}
