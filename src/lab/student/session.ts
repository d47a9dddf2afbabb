/**
 * One submission under examination: a process that starts with the first call, and again after each crash, so that
 * the tasks that follow still get their say.
 */
import type { ZodType } from 'zod';
import type { Limits } from '../manifest.ts';
import { WrongAnswer, firstLine, show } from '../outcome.ts';
import { Conversation, type CallOptions } from './conversation.ts';
import { compile, type Source } from './compile.ts';
import { launchStudent } from './process.ts';
import { hostProgram } from './program.ts';

/** What a call came to when the submission may throw. */
export type Attempt = { ok: true; value: unknown } | { ok: false; name: string; message: string };

export interface Student {
  /**
   * Call an export of the submission. Arguments and result are JSON, Uint8Array and bigint; arguments may hold
   * functions of the grader's, which the submission sees as async ones (or blocking ones: see `sync`).
   * Without `returns` the result is unknown: check it.
   * @throws WrongAnswer whenever it is the submission's fault that there is no result.
   */
  call(name: string, args: unknown[], options?: CallOptions): Promise<unknown>;
  call<T>(name: string, args: unknown[], options: CallOptions & { returns: ZodType<T> }): Promise<T>;
  /** As `call`, but what the export throws is a result too. 'not written yet' stays wrong. */
  attempt(name: string, args: unknown[], options?: CallOptions): Promise<Attempt>;
}

export class Session implements Student {
  private source: Source;
  private limits: Limits;
  private code: Promise<string> | undefined;
  private conversation: Conversation | undefined;
  private opening: Promise<Conversation> | undefined;

  constructor(source: Source, limits: Limits, code?: Promise<string>) {
    this.source = source;
    this.limits = limits;
    this.code = code;
  }

  call<T>(name: string, args: unknown[], options: CallOptions & { returns?: ZodType<T> } = {}): Promise<T> {
    return this.open().then(async (conversation) => {
      const value = await conversation.call(name, args, options);
      return check(name, value, options.returns);
    });
  }

  async attempt(name: string, args: unknown[], options: CallOptions = {}): Promise<Attempt> {
    const conversation = await this.open();
    try {
      return { ok: true, value: await conversation.call(name, args, options) };
    } catch (error) {
      const thrown = conversation.thrown(error);
      if (!thrown || /not written yet/i.test(thrown.message)) throw error;
      return { ok: false, ...thrown };
    }
  }

  /** What the submission printed since last asked. */
  takePrinted(): string {
    return this.conversation?.takePrinted() ?? '';
  }

  /** A process is there that has served calls, and has not been lost since. */
  get alive(): boolean {
    return this.conversation !== undefined && !this.conversation.over;
  }

  get warnings(): string[] {
    return this.conversation?.warnings ?? [];
  }

  async close(): Promise<void> {
    const { conversation } = this;
    this.conversation = undefined;
    await conversation?.close();
  }

  private open(): Promise<Conversation> {
    if (this.opening && !this.conversation?.over) return this.opening;
    const opening = this.start();
    this.opening = opening;
    opening.catch(() => {
      if (this.opening === opening) this.opening = undefined;
    });
    return opening;
  }

  private async start(): Promise<Conversation> {
    await this.close();
    this.code ??= compile(this.source);
    const [program, submission] = await Promise.all([hostProgram(), this.code]);
    const student = await launchStudent({ program, submission, limits: this.limits });
    this.conversation = new Conversation(student, this.limits);
    await this.conversation.ready();
    return this.conversation;
  }
}

function check<T>(name: string, value: unknown, returns?: ZodType<T>): T {
  if (!returns) return value as T;
  const parsed = returns.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.length ? ` at ${issue.path.map(String).join('.')}` : '';
  throw new WrongAnswer({
    expected: `a result of ${name}() that has the type of its signature`,
    seen: firstLine(`${issue?.message ?? 'something else'}${where}, in ${show(value)}`),
  });
}
