/** Functions of the grader's that a submission may call: it gets a number for each, and a reply to each call. */
import { WireError, fromWire, toWire } from './wire.ts';

export type GraderFunction = (...args: never[]) => unknown;
export type Message = Record<string, unknown>;

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

/** Who passed a function on, and hears when it fails for a reason of its own. */
export interface Caller {
  reject(error: unknown): void;
}

export class Functions {
  private table: { fn: GraderFunction; caller: Caller | undefined }[] = [];
  private send: (message: Message) => void;

  constructor(send: (message: Message) => void) {
    this.send = send;
  }

  /** Arguments as they travel, and what to say when their call begins and ends. */
  lend(args: unknown[]) {
    const lent: { fn: GraderFunction; caller: Caller | undefined }[] = [];
    const first = this.table.length;
    const wire = toWire(args, (fn) => {
      lent.push({ fn, caller: undefined });
      return { fn: first + lent.length - 1, sync: blocking.has(fn) };
    });
    this.table.push(...lent);
    const owned = (caller: Caller | undefined) => lent.forEach((entry) => (entry.caller = caller));
    return { wire, begin: (caller: Caller) => owned(caller), end: () => owned(undefined) };
  }

  /**
   * Carry out a call of the submission's. What the function throws fails the call that it was lent for, and is not
   * the submission's fault.
   * @throws WireError when there is no such function, or its call is over
   */
  serve(message: Message): void {
    const { fn, caller } = this.table[Number(message['fn'])] ?? {};
    if (!fn || !caller) throw new WireError('called a function that is no longer there');
    const args = fromWire(message['args']) as never[];
    const give = (value: unknown) =>
      this.send({ type: 'reply', id: message['id'], ok: true, value: toWire(value) });
    const fail = (error: unknown) => {
      const refused = error instanceof Refusal;
      if (!refused) caller.reject(error);
      const told = refused ? { error: error.message, code: error.code } : { error: 'the grader gave up' };
      this.send({ type: 'reply', id: message['id'], ok: false, ...told });
    };
    try {
      const value = fn(...args);
      if (blocking.has(fn)) give(value);
      else void Promise.resolve(value).then(give).catch(fail);
    } catch (error) {
      fail(
        error instanceof WireError
          ? new TypeError(`a function of the grader’s returned what ${error.message}`)
          : error,
      );
    }
  }
}
