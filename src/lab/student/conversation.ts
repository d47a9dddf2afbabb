/** The talk with one process of a submission, from its start to its end. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Limits } from '../manifest.ts';
import { answerOf, fault, type Thrown } from './answer.ts';
import { Functions, type Message } from './functions.ts';
import type { Ended, StudentProcess } from './launch.ts';
import { Output } from './output.ts';
import { WireError, frame, reader } from './wire.ts';

export interface CallOptions {
  /** Instead of the lab's limit, in milliseconds. */
  timeoutMs?: number;
}

interface Pending {
  name: string;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** The import of the submission counts as a call with this number. */
const IMPORT = 0;
/** How long to wait for what an ended process has written before. */
const DRAIN_MS = 200;

export class Conversation {
  /** No more calls: the process has ended, or has been given up. */
  over = false;
  private student: StudentProcess;
  private limits: Limits;
  private output: Output;
  private functions: Functions;
  private pending = new Map<number, Pending>();
  private thrownBy = new WeakMap<object, Thrown>();
  private imported: Promise<unknown>;
  private exports: string[] = [];
  private lastId = IMPORT;

  constructor(student: StudentProcess, limits: Limits) {
    this.student = student;
    this.limits = limits;
    this.output = new Output([student.stdout, student.stderr], limits.outputKiB * 1024, () =>
      this.giveUp(`printed more than ${limits.outputKiB} KiB`, 'output within the lab’s limit'),
    );
    this.functions = new Functions((message) => this.send(message));
    this.imported = this.expect(IMPORT, '');
    this.imported.catch(() => {});
    this.listen();
    void this.watchEnd();
  }

  get warnings(): string[] {
    return this.student.warnings;
  }

  takePrinted(): string {
    return this.output.take();
  }

  /** What the submission threw, when that is why a call was rejected with this error. */
  thrown(error: unknown): Thrown | undefined {
    return this.thrownBy.get(error as object);
  }

  /** @throws WrongAnswer when the submission cannot be loaded. */
  async ready(): Promise<void> {
    const names = await this.timed(this.imported, this.limits.timeoutMs, 'importing exercise.ts');
    this.exports = Array.isArray(names) ? names.map(String) : [];
  }

  /** @throws WrongAnswer when it is the submission's fault that there is no result. */
  async call(name: string, args: unknown[], options: CallOptions): Promise<unknown> {
    const id = ++this.lastId;
    const { wire, begin, end } = this.functions.lend(args);
    const result = this.expect(id, name);
    const pending = this.pending.get(id);
    if (pending) begin(pending);
    this.send({ type: 'call', id, name, args: wire });
    try {
      return await this.timed(result, options.timeoutMs ?? this.limits.timeoutMs, `${name}()`);
    } finally {
      end();
    }
  }

  async close(): Promise<void> {
    this.over = true;
    await this.student.kill();
    this.student.pipe.destroy();
  }

  private send(message: Message): void {
    if (!this.over) this.student.pipe.write(frame(message));
  }

  private expect(id: number, name: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.over) reject(fault('a running submission', 'it has ended'));
      else this.pending.set(id, { name, resolve, reject });
    });
  }

  private async timed<T>(result: Promise<T>, milliseconds: number, what: string): Promise<T> {
    const seconds = `${milliseconds / 1000} s`;
    const late = () =>
      this.giveUp(`${what} had not come back after ${seconds}`, `${what} to come back within ${seconds}`);
    const timer = setTimeout(late, milliseconds);
    try {
      return await result;
    } finally {
      clearTimeout(timer);
    }
  }

  private listen(): void {
    const { pipe } = this.student;
    const read = reader();
    pipe.on('error', () => {});
    pipe.on('data', (chunk: Buffer) => {
      if (this.over) return;
      try {
        for (const message of read(chunk)) this.receive(message);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        this.giveUp(`it ${error.message} on the grader’s pipe`, 'results by return, not by descriptor 3');
      }
    });
  }

  private receive(message: unknown): void {
    if (typeof message !== 'object' || message === null) throw new WireError('wrote no message');
    const { type, id } = message as Message;
    if (type === 'callback') {
      this.functions.serve(message as Message);
      return;
    }
    const number = type === 'ready' || type === 'unloadable' ? IMPORT : Number(id);
    const pending = this.pending.get(number);
    if (!pending) throw new WireError('answered a question that nobody asked');
    this.pending.delete(number);
    this.settle(pending, message as Message);
  }

  private settle(pending: Pending, message: Message): void {
    const answer = answerOf(message, pending.name, this.exports);
    if ('value' in answer) {
      pending.resolve(answer.value);
      return;
    }
    if (message['type'] === 'unloadable') this.over = true;
    if (answer.thrown) this.thrownBy.set(answer.fault, answer.thrown);
    pending.reject(answer.fault);
  }

  /** What was written before the end still counts, so the end is believed once the pipe is empty. */
  private async watchEnd(): Promise<void> {
    const drained = once(this.student.pipe, 'end').catch(() => {});
    const ended = await this.student.exited;
    await Promise.race([drained, delay(DRAIN_MS)]);
    this.fail(this.endOf(ended), 'an answer');
  }

  private endOf({ code, signal }: Ended): string {
    const how = signal ? `was killed by ${signal}` : `exited with status ${code}`;
    const said = this.output.lastLine();
    return `it ${how} before it answered${said ? `; the last it printed: ${said}` : ''}`;
  }

  private giveUp(seen: string, expected: string): void {
    this.fail(seen, expected);
    void this.student.kill();
  }

  private fail(seen: string, expected: string): void {
    if (this.over) return;
    this.over = true;
    for (const { reject } of this.pending.values()) reject(fault(expected, seen));
    this.pending.clear();
  }
}
