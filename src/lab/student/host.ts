/**
 * The program of a submission's process: it loads the submission and calls its exports for the grader.
 *
 * Descriptor 3 carries calls, their results, and the calls that the submission makes back into the grader. For one
 * that cannot wait asynchronously (a clock), the socket is read here instead of by the event loop, which stands still.
 * The submission can do to this process whatever it likes. That changes nothing but its own answers: the grader holds
 * the other ends, the expected values never come here, and only values travel back.
 */
import { readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { frame, fromWire, reader, toWire } from './wire.ts';

interface Call {
  type: 'call';
  id: number;
  name: string;
  args: unknown;
}

interface Reply {
  type: 'reply';
  id: number;
  ok: boolean;
  value?: unknown;
  error?: string;
  code?: string;
}

function refusal({ error, code }: Reply): Error {
  return Object.assign(new Error(error), { code });
}

type Message = Call | Reply;

const requests = new Socket({ fd: 3, readable: true, writable: true });
const write = requests.write.bind(requests);
const exit = process.exit.bind(process);
const own = Object.prototype.hasOwnProperty;
const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
let exported: Record<string, unknown> = {};
let lastCallback = 0;

const read = reader();
const chunk = Buffer.alloc(65536);
const copy = Buffer.from.bind(Buffer) as (bytes: Buffer) => Buffer;
const pause = Atomics.wait;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

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

/** Reads from the socket until the reply to `id` has come; what else comes is kept for the event loop. */
function awaitReply(id: number): Reply {
  for (;;) {
    let size = 0;
    try {
      size = readSync(3, chunk, 0, chunk.length, null);
      if (size === 0) exit(1);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      pause(sleeper, 0, 0, 0.02);
      continue;
    }
    let found: Reply | undefined;
    for (const message of read(copy(chunk.subarray(0, size)))) {
      if ((message as Reply).id === id && (message as Message).type === 'reply') found = message as Reply;
      else setImmediate(receive, message as Message);
    }
    if (found) return found;
  }
}

function callSync(fn: number, args: unknown[]): unknown {
  const id = ++lastCallback;
  const bytes = frame({ type: 'callback', id, fn, args: toWire(args) });
  for (let at = 0; at < bytes.length;) at += writeSync(3, bytes, at);
  const reply = awaitReply(id);
  if (!reply.ok) throw refusal(reply);
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

/** What was printed before the result is to be seen, and counted, before the result. */
async function printed(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0) await new Promise((done) => stream.write('', done));
  }
}

async function answer(call: Call): Promise<void> {
  try {
    const fn = own.call(exported, call.name) ? exported[call.name] : undefined;
    if (typeof fn !== 'function') {
      write(frame({ type: 'missing', id: call.id }));
      return;
    }
    const value: unknown = await fn(...(fromWire(call.args, resolveFunction) as unknown[]));
    await printed();
    write(frame({ type: 'result', id: call.id, value: toWire(value) }));
  } catch (error) {
    const unfit = error instanceof Error && error.name === 'WireError';
    write(frame({ type: unfit ? 'unfit' : 'thrown', id: call.id, error: describe(error) }));
  }
}

function receive(message: Message): void {
  if (message.type === 'call') void answer(message);
  else if (message.type === 'reply') {
    const caller = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.ok) caller?.resolve(fromWire(message.value));
    else caller?.reject(refusal(message));
  }
}

requests.on('data', (bytes: Buffer) => {
  for (const message of read(bytes)) receive(message as Message);
});
requests.on('end', () => exit(1));
requests.on('error', () => exit(1));

try {
  exported = (await import(process.argv[2] as string)) as Record<string, unknown>;
  write(frame({ type: 'ready', exports: Object.keys(exported).slice(0, 100) }));
} catch (error) {
  write(frame({ type: 'unloadable', error: describe(error) }));
}
