/**
 * Calls as strace(1) shows them, a line each. A call that waits is written as far as it is known; when another task has
 * something to say meanwhile, it is left unfinished there and taken up again later.
 */
import { MAX_ERRNO } from '../../linux/errno.ts';
import type { SignalInfo } from '../../linux/siginfo.ts';
import type { Task } from '../tasks/task.ts';
import type { Tracer } from '../tracer.ts';
import { errorText } from './errors.ts';
import { quote } from './quote.ts';
import type { Argument, CallRow, TracedCall } from './row.ts';
import { signalInfoText, signalText } from './structs/signals.ts';
import { traceRow } from './table.ts';

/** Where results begin, unless the call is longer. */
const RESULT_COLUMN = 40;
/** Their result nobody sees. */
const ENDLESS: ReadonlySet<string> = new Set(['exit', 'exit_group']);

interface Pending {
  name: string;
  row: CallRow;
  /** What is known of it at entry, or was before it was left unfinished. */
  head: string;
  /** How many of its arguments are in `head`. */
  done: number;
  /** All of `head` has been written. */
  written: boolean;
  /** Others have been written since. */
  left: boolean;
}

export class Strace implements Tracer {
  readonly #write: (text: string) => void;
  readonly #pending = new Map<Task, Pending>();
  /** Whose line is not at its end. */
  #open: Task | undefined;

  /** @param write takes lines and parts of lines */
  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  started(task: Task, path: string, argv: readonly string[], variables: number): void {
    const strings = argv.map((word) => quote(word.slice(0, 32), word.length > 32)).join(', ');
    const head = `execve(${quote(path)}, [${strings}], /* ${variables} vars */)`;
    this.#line(task, `${result(this.#prefix(task) + head)}0`);
  }

  enter(task: Task, number: number, args: Float64Array): void {
    const name = task.kernel.table.names[number] ?? `syscall_${number >>> 0}`;
    const row = traceRow(name);
    const late = row.arguments.findIndex((argument) => typeof argument !== 'function');
    const done = late < 0 ? row.arguments.length : late;
    const comma = done > 0 && done < row.arguments.length ? ', ' : '';
    const head = `${this.#prefix(task)}${name}(${texts(row, 0, done, { task, args })}${comma}`;
    this.#pending.set(task, { name, row, head, done, written: false, left: false });
  }

  waits(task: Task): void {
    const call = this.#pending.get(task);
    if (!call || call.written) return;
    this.#leaveOpen();
    this.#write(call.head);
    call.written = true;
    this.#open = task;
  }

  exit(task: Task, _number: number, args: Float64Array, value: number): void {
    const call = this.#pending.get(task);
    if (!call) return;
    this.#pending.delete(task);
    const traced: TracedCall = { task, args, result: value };
    const { row, done } = call;
    const rest = texts(row, done, row.arguments.length, traced);
    if (!rest) call.head = call.head.replace(/, $/, '');
    this.#end(task, call, rest, ENDLESS.has(call.name) ? '?' : resultText(row, value, traced));
  }

  signal(task: Task, info: SignalInfo): void {
    this.#line(task, `${this.#prefix(task)}--- ${signalText(info.signal)} ${signalInfoText(info)} ---`);
  }

  ended(task: Task, status: number): void {
    const call = this.#pending.get(task);
    this.#pending.delete(task);
    if (call) this.#end(task, call, call.left ? '' : ' <unfinished ...>', '?');
    const signal = status & 0x7f;
    const core = status & 0x80 ? ' (core dumped)' : '';
    const how = signal ? `killed by ${signalText(signal)}${core}` : `exited with ${(status >> 8) & 0xff}`;
    this.#line(task, `${this.#prefix(task)}+++ ${how} +++`);
  }

  /** What is needed to know who speaks, when there are several. */
  #prefix(task: Task): string {
    return task.kernel.pids.taskCount > 1 ? `[pid ${String(task.tid).padStart(5)}] ` : '';
  }

  #end(task: Task, call: Pending, more: string, value: string): void {
    const head = call.left ? `${this.#prefix(task)}<... ${call.name} resumed>` : call.head;
    const line = result(`${head}${more})`) + value;
    if (call.written && this.#open === task) {
      this.#open = undefined;
      this.#write(`${line.slice(call.head.length)}\n`);
    } else this.#line(task, line);
  }

  #line(task: Task, line: string): void {
    if (this.#open !== task || this.#pending.has(task)) this.#leaveOpen();
    this.#write(`${line}\n`);
  }

  #leaveOpen(): void {
    if (!this.#open) return;
    const call = this.#pending.get(this.#open);
    if (call) call.left = true;
    this.#open = undefined;
    this.#write(' <unfinished ...>\n');
  }
}

/** Arguments from place to place, without those that are not this call's. */
function texts(row: CallRow, from: number, to: number, call: TracedCall): string {
  const shown = row.arguments.slice(from, to).map((argument, index) => {
    const value = call.args[from + index] ?? 0;
    return decodeOf(argument)(value, call);
  });
  return shown.filter((text) => text !== undefined).join(', ');
}

function decodeOf(argument: Argument) {
  return typeof argument === 'function' ? argument : argument.late;
}

function result(call: string): string {
  return `${`${call} `.padEnd(RESULT_COLUMN)}= `;
}

function resultText(row: CallRow, value: number, call: TracedCall): string {
  if (value < 0 && value >= -MAX_ERRNO) return errorText(-value);
  const comment = row.comment?.(value, call);
  return `${row.result?.(value, call) ?? value}${comment === undefined ? '' : ` (${comment})`}`;
}
