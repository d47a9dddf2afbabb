/** A child that the shim watches for us: its streams, its signals, its end. */
import { closeSync, readSync } from 'node:fs';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { getSystemErrorName } from 'node:util';
import { addon } from '../linux/addon.ts';
import { hint } from './hints.ts';
import type { Plan, StepName } from './plan.ts';
import { ReportReader, type Report } from './report.ts';

export interface Usage {
  userMicroseconds: number;
  systemMicroseconds: number;
  /** Of the largest single process (getrusage(2)). */
  maxRssKib: number;
}

export interface Exit {
  /** The exit status; null when a signal ended the child. */
  code: number | null;
  signal: NodeJS.Signals | null;
  usage: Usage;
}

/** How long a step took, in microseconds; `clone` and `exec` frame the plan's own. */
export interface TimelineEntry {
  step: StepName | 'clone';
  microseconds: number;
}

export class StepError extends Error {
  readonly index: number;
  readonly step: StepName;
  /** The name of the errno, such as EPERM. */
  readonly code: string;
  readonly path: string;
  readonly hint: string;

  constructor(index: number, step: StepName, errno: number, path: string) {
    const code = getSystemErrorName(-errno);
    const about = path ? ` ${path}` : '';
    const advice = hint(step, code);
    super(`Step ${index} (${step}) failed:${about} ${code}. ${advice}`);
    this.name = 'StepError';
    this.index = index;
    this.step = step;
    this.code = code;
    this.path = path;
    this.hint = advice;
  }
}

interface ChildParts {
  plan: Plan;
  shim: { pid: number; pidfd: number };
  /** The plan's memfd and the offset of struct Shared in it. */
  memory: number;
  shared: number;
  console: number;
  control: Socket;
  stdin: Socket | undefined;
  stdout: Socket | undefined;
  stderr: Socket | undefined;
  beforeCleanup: ((exit: Exit) => void | Promise<void>) | undefined;
}

/** Of two names for one number the first, which is the usual one: SIGABRT, not SIGIOT. */
const SIGNAL_NAMES = new Map(
  Object.entries(constants.signals)
    .map(([name, number]) => [number, name] as const)
    .reverse(),
);

/** The low seven bits of a wait status name the signal; above them stands the exit code (wait(2)). */
function exitOf(report: Report): Exit {
  const signal = report.status & 0x7f;
  return {
    code: signal ? null : (report.status >> 8) & 0xff,
    signal: signal ? ((SIGNAL_NAMES.get(signal) ?? `SIG${signal}`) as NodeJS.Signals) : null,
    usage: report.usage,
  };
}

export class Child {
  /** On the host; pid 1 of its own pid namespace, if the plan makes one. */
  pid = 0;
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  /** The master of the pty that a `terminal` step made; the owner closes it. */
  terminal: number | undefined;
  /** Resolves with the exec's success, rejects with a StepError. */
  readonly started: Promise<void>;
  /** Resolves when the child is gone and its cgroups are removed. */
  readonly exited: Promise<Exit>;
  readonly #parts: ChildParts;
  /** What the shim's part of the plan's memory held when the command began to run. */
  #marks: Buffer | undefined;
  #exit: Exit | undefined;

  constructor(parts: ChildParts) {
    this.#parts = parts;
    this.stdin = parts.stdin;
    this.stdout = parts.stdout;
    this.stderr = parts.stderr;
    // A child that closes its standard input early is no error of ours.
    parts.stdin?.on('error', () => {});
    const start = withResolvers<void>();
    const end = withResolvers<Exit>();
    this.started = start.promise;
    this.exited = end.promise;
    // Whoever awaits `started` hears of a failure there; `exited` alone must not become an unhandled rejection.
    this.exited.catch(() => {});
    const reader = new ReportReader(addon().layout);
    parts.control.on('error', () => {});
    parts.control.on('data', (data) => {
      for (const report of reader.push(data)) this.#hear(report, start, end);
    });
    addon().waitProcess(parts.shim.pidfd, (status) => {
      const error = new Error(`ring3-shim ended with status ${status} before the child did.`);
      start.reject(error);
      if (this.#exit) end.resolve(this.#exit);
      else end.reject(error);
      this.#close();
    });
  }

  /** Sends a signal to the child; with an `init` step, init passes it on to the command. */
  kill(signal: NodeJS.Signals | number): void {
    const number = typeof signal === 'number' ? signal : constants.signals[signal];
    this.#command(addon().layout.command.sendSignal, number);
  }

  #command(kind: number, signal = 0): void {
    const { command } = addon().layout;
    const bytes = Buffer.alloc(command.size);
    bytes.writeUInt32LE(kind, command.kind);
    bytes.writeInt32LE(signal, command.signal);
    if (!this.#parts.control.destroyed) this.#parts.control.write(bytes);
  }

  #hear(report: Report, start: Resolvers<void>, end: Resolvers<Exit>): void {
    const kinds = addon().layout.report;
    if (report.kind === kinds.failed) {
      const { step } = this.#parts.plan[report.step] ?? { step: 'exec' as const };
      // Nobody will read what never started.
      for (const stream of [this.#parts.stdin, this.#parts.stdout, this.#parts.stderr]) stream?.destroy();
      start.reject(new StepError(report.step, step, report.error, report.where));
    } else if (report.kind === kinds.running) {
      this.pid = report.pid;
      this.#marks = this.#readMarks();
      const terminal = addon().receiveDescriptor(this.#parts.console);
      if (terminal >= 0) this.terminal = terminal;
      start.resolve();
    } else if (report.kind === kinds.exited) {
      const exit = exitOf(report);
      this.#exit = exit;
      Promise.resolve(this.#parts.beforeCleanup?.(exit))
        .catch((error: unknown) => end.reject(error))
        .finally(() => this.#command(addon().layout.command.release));
    }
  }

  #readMarks(): Buffer {
    const { plan, memory, shared } = this.#parts;
    const bytes = Buffer.allocUnsafe(addon().layout.shared.finished + plan.length * 8);
    readSync(memory, bytes, 0, bytes.length, shared);
    return bytes;
  }

  /** What the start took; empty until the command runs. Made when asked for: few ask, and the command is waiting. */
  get timeline(): TimelineEntry[] {
    const { plan } = this.#parts;
    const { layout } = addon();
    const bytes = this.#marks;
    if (!bytes) return [];
    const at = (offset: number): number => Number(bytes.readBigUInt64LE(offset)) / 1000;
    const started = at(layout.shared.started);
    const cloned = at(layout.shared.cloned);
    const times = plan.map((step, index) => ({
      step: step.step,
      end: at(layout.shared.finished + index * 8),
    }));
    times.at(-1)!.end = at(layout.shared.executed);
    // Parent and child work at the same time: each step is measured from the one that ended before it.
    const ends = [{ step: 'clone' as const, end: cloned }, ...times.filter(({ end }) => end > 0)];
    ends.sort((a, b) => a.end - b.end);
    return ends.map(({ step, end }, index) => ({
      step,
      microseconds: Math.round((end - (index === 0 ? started : ends[index - 1]!.end)) * 10) / 10,
    }));
  }

  #close(): void {
    closeSync(this.#parts.memory);
    closeSync(this.#parts.console);
    this.#parts.control.destroy();
  }
}

interface Resolvers<T> {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** Promise.withResolvers, which Node 20 does not have. */
function withResolvers<T>(): Resolvers<T> {
  let resolve!: Resolvers<T>['resolve'];
  let reject!: Resolvers<T>['reject'];
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
