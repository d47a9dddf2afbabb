/** The talk with one process of a submission, from its start to its end. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Limits } from '../manifest.ts';
import { WrongAnswer, firstLine } from '../outcome.ts';
import { Output } from './output.ts';
import type { Ended, StudentProcess } from './launch.ts';
import { WireError, frame, fromWire, reader, toWire } from './wire.ts';

export interface CallOptions {
  /** Instead of the lab's limit, in milliseconds. */
  timeoutMs?: number;
}

export type GraderFunction = (...args: never[]) => unknown;
const blocking = new WeakSet<object>();

/** The submission calls this function as a plain one and is stopped until it has returned (a clock, a log). */
export function sync<T extends GraderFunction>(fn: T): T {
  blocking.add(fn);
  return fn;
}

/** Thrown by a function of the grader's, it reaches the submission as an error with this code, and fails nothing. */
export class Refusal extends Error {
  code: string;

  constructor(code: string, message: string = code) {
    super(message);
    this.code = code;
  }
}

interface Thrown {
  name: string;
  message: string;
  stack: string;
}

interface Pending {
  name: string;
  functions: GraderFunction[];
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

const asThrown = (value: unknown): Thrown => {
  const { name, message, stack } = (value ?? {}) as Partial<Record<keyof Thrown, unknown>>;
  return { name: `${name as string}`, message: `${message as string}`, stack: `${stack as string}` };
};

/** The first place in the submission's own file that a stack names. */
function place(stack: string): string {
  const found = /([\w.-]+\.ts):(\d+):(\d+)/.exec(stack);
  return found ? ` at ${found[0]}` : '';
}

export class Conversation {
  /** No more calls: the process has ended, or has been given up. */
  over = false;
  private student: StudentProcess;
  private limits: Limits;
  private output: Output;
  private pending = new Map<number, Pending>();
  private functions: GraderFunction[] = [];
  private thrownBy = new WeakMap<object, { name: string; message: string }>();
  private started: Promise<unknown>;
  private exports: string[] = [];
  private lastId = 0;

  constructor(student: StudentProcess, limits: Limits) {
    this.student = student;
    this.limits = limits;
    this.output = new Output([student.stdout, student.stderr], limits.outputKiB * 1024, () =>
      this.giveUp(`printed more than ${limits.outputKiB} KiB`, 'output within the lab’s limit'),
    );
    this.started = this.expect('', []);
    this.started.catch(() => {});
    this.listen(student.pipe);
    void this.watchEnd(student);
  }

  get warnings(): string[] {
    return this.student.warnings;
  }

  takePrinted(): string {
    return this.output.take();
  }

  thrown(error: unknown): { name: string; message: string } | undefined {
    return this.thrownBy.get(error as object);
  }

  async ready(): Promise<void> {
    await this.timed(this.started, this.limits.timeoutMs, 'importing exercise.ts');
  }

  async call(name: string, args: unknown[], options: CallOptions): Promise<unknown> {
    const functions: GraderFunction[] = [];
    const base = this.functions.length;
    const wire = toWire(args, (fn) => {
      functions.push(fn);
      return { fn: base + functions.length - 1, sync: blocking.has(fn) };
    });
    this.functions.push(...functions);
    const result = this.expect(name, functions);
    this.student.pipe.write(frame({ type: 'call', id: this.lastId, name, args: wire }));
    return this.timed(result, options.timeoutMs ?? this.limits.timeoutMs, `${name}()`);
  }

  async close(): Promise<void> {
    this.over = true;
    await this.student.kill();
    this.student.pipe.destroy();
  }

  private expect(name: string, functions: GraderFunction[]): Promise<unknown> {
    const id = name ? ++this.lastId : 0;
    return new Promise((resolve, reject) => {
      if (this.over) reject(new WrongAnswer({ expected: 'a running submission', seen: 'it has ended' }));
      this.pending.set(id, { name, functions, resolve, reject });
    });
  }

  private async timed<T>(result: Promise<T>, milliseconds: number, what: string): Promise<T> {
    const seconds = `${milliseconds / 1000} s`;
    const timer = setTimeout(
      () =>
        this.giveUp(`${what} had not come back after ${seconds}`, `${what} to come back within ${seconds}`),
      milliseconds,
    );
    try {
      return await result;
    } finally {
      clearTimeout(timer);
    }
  }

  private listen(stream: Duplex): void {
    const read = reader();
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => {
      if (this.over) return;
      try {
        for (const message of read(chunk)) {
          if (typeof message !== 'object' || message === null) throw new WireError('wrote no message');
          this.onMessage(message as Record<string, unknown>);
        }
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        this.giveUp(`it ${error.message} on the grader’s pipe`, 'results by return, not by descriptor 3');
      }
    });
  }

  private onMessage(message: Record<string, unknown>): void {
    if (message['type'] === 'callback') {
      this.onCallback(message);
      return;
    }
    const id = message['type'] === 'ready' || message['type'] === 'unloadable' ? 0 : Number(message['id']);
    const pending = this.pending.get(id);
    if (!pending) throw new WireError('answered a question that nobody asked');
    this.pending.delete(id);
    this.settle(pending, message);
  }

  private settle(pending: Pending, message: Record<string, unknown>): void {
    const { type } = message;
    const error = asThrown(message['error']);
    const fail = (expected: string, seen: string, thrown?: Thrown) =>
      pending.reject(this.fault(expected, seen, thrown));
    if (type === 'ready') {
      this.exports = Array.isArray(message['exports']) ? message['exports'].map(String) : [];
      pending.resolve(undefined);
    } else if (type === 'unloadable') {
      this.over = true;
      fail('exercise.ts to load', `it threw ${error.name}: ${error.message}${place(error.stack)}`);
    } else if (type === 'missing') {
      const have = this.exports.length
        ? `it exports ${this.exports.slice(0, 8).join(', ')}`
        : 'it exports nothing';
      fail(`exercise.ts to export a function ${pending.name}`, have);
    } else if (type === 'thrown') {
      fail(
        `${pending.name}() to return`,
        `it threw ${error.name}: ${error.message}${place(error.stack)}`,
        error,
      );
    } else if (type === 'unfit') {
      fail(`${pending.name}() to return plain data`, `what it returned ${error.message}`);
    } else if (type === 'result') {
      this.deliver(pending, message['value']);
    } else throw new WireError('wrote something that is no message');
  }

  private deliver(pending: Pending, value: unknown): void {
    try {
      pending.resolve(fromWire(value));
    } catch (error) {
      const seen = `what it returned ${(error as Error).message}`;
      pending.reject(this.fault(`${pending.name}() to return plain data`, seen));
    }
  }

  private fault(expected: string, seen: string, thrown?: Thrown): WrongAnswer {
    const error = new WrongAnswer({ expected, seen: firstLine(seen) });
    if (thrown) this.thrownBy.set(error, { name: thrown.name, message: thrown.message });
    return error;
  }

  /** A call of the submission's into a function of the grader's. What that throws fails the call, and is not its fault. */
  private onCallback(message: Record<string, unknown>): void {
    const fn = this.functions[Number(message['fn'])];
    const caller = [...this.pending.values()].find(({ functions }) => fn && functions.includes(fn));
    if (!fn || !caller) throw new WireError('called a function that is no longer there');
    const reply = (ok: boolean, rest: object) => {
      if (!this.over) this.student.pipe.write(frame({ type: 'reply', id: message['id'], ok, ...rest }));
    };
    const fail = (error: unknown) => {
      const refused = error instanceof Refusal;
      if (!refused) caller.reject(error);
      reply(false, refused ? { error: error.message, code: error.code } : { error: 'the grader gave up' });
    };
    try {
      const value = fn(...(fromWire(message['args']) as never[]));
      if (blocking.has(fn)) reply(true, { value: toWire(value) });
      else
        void Promise.resolve(value)
          .then((late) => reply(true, { value: toWire(late) }), fail)
          .catch(fail);
    } catch (error) {
      if (error instanceof WireError) throw error;
      fail(error);
    }
  }

  /** What was written before the end still counts, so the end is believed once the pipe is empty. */
  private async watchEnd(student: StudentProcess): Promise<void> {
    const drained = once(student.pipe, 'end').catch(() => {});
    const ended = await student.exited;
    await Promise.race([drained, delay(200)]);
    this.onEnd(ended);
  }

  private onEnd(ended: Ended): void {
    const how = ended.signal ? `was killed by ${ended.signal}` : `exited with status ${ended.code}`;
    const said = this.output.lastLine();
    this.fail(`it ${how} before it answered${said ? `; the last it printed: ${said}` : ''}`, 'an answer');
  }

  private giveUp(seen: string, expected: string): void {
    this.fail(seen, expected);
    void this.student.kill();
  }

  private fail(seen: string, expected: string): void {
    if (this.over) return;
    this.over = true;
    for (const { reject } of this.pending.values()) reject(this.fault(expected, seen));
    this.pending.clear();
  }
}
