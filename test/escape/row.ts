/** One row of the table of attempts, how it is carried out, and what its output means. */
import { execFile } from 'node:child_process';
import type { Identity } from '../support/identity.ts';
import { ring3Run } from '../support/identity.ts';
import type { Stage } from './stage.ts';

/** How `ring3 run` is asked to confine the attempt; by default with no option at all. */
export interface Confined {
  options?: string[];
  /** Instead of the attempt itself. */
  command?: string[];
  /** What starts ring3: a shell that leaks, a terminal. */
  launcher?: string[];
}

export interface Row {
  /** Of the attempt: `attempts/NAME.c`. */
  name: string;
  /** Told apart from other rows with the same attempt. */
  variant?: string;
  /** What an escape would mean, for the failure message. */
  danger: string;
  /** What should have stopped it, and where that is decided. */
  stops: string;
  arguments?: (stage: Stage) => string[];
  /** When what is shown needs other arguments. */
  shownArguments?: (stage: Stage) => string[];
  /** The half-confined world in which the attempt still works; without it, an ordinary child. */
  shown?: (stage: Stage, command: string[]) => string[];
  /** Only root can show it, or prepare it. */
  needsRoot?: 'show' | 'both';
  /** What the attempt says, when shown, on a host whose kernel or user rights do not have the thing at all. */
  absent?: RegExp;
  confined?: (stage: Stage, time: number) => Confined;
  /** Not starting at all contains the attempt too: what ring3 then says. */
  mayRefuse?: RegExp;
  /** The damage, as the host sees it; undefined when there is none. It overrules what the attempt believes. */
  harm?: (stage: Stage, output: string) => string | undefined;
  environment?: (stage: Stage) => Record<string, string>;
  /** Around both halves: a neighbour that interferes. Returns its end. */
  meanwhile?: (stage: Stage) => () => Promise<void>;
  /** How often the confined half is carried out; races need more than one. */
  times?: number;
}

export interface Result {
  /** null when killed. */
  code: number | null;
  output: string;
  command: string;
}

export function execute(identity: Identity, command: string[], cwd: string, env = {}): Promise<Result> {
  const [file, ...args] = command;
  const options = {
    ...identity.ids,
    cwd,
    env: { ...identity.env, ...env },
    timeout: 25_000,
    maxBuffer: 1 << 22,
  };
  return new Promise((resolve) => {
    const child = execFile(file!, args, { ...options, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : null) : 0;
      resolve({ code, output: `${stdout}${stderr}`, command: command.join(' ') });
    });
    child.stdin?.end();
  });
}

export function show(row: Row, stage: Stage): Promise<Result> {
  const args = (row.shownArguments ?? row.arguments)?.(stage) ?? [];
  const command = [stage.attempt(row.name), ...args];
  return execute(
    stage.identity,
    row.shown?.(stage, command) ?? command,
    stage.folder,
    row.environment?.(stage),
  );
}

/** @param time counts the repetitions, from 0. */
export function confine(row: Row, stage: Stage, time = 0): Promise<Result> {
  const { options = [], command, launcher = [] } = row.confined?.(stage, time) ?? {};
  const attempt = command ?? [stage.attempt(row.name), ...(row.arguments?.(stage) ?? [])];
  const whole = [...launcher, ...ring3Run(...options), '--', ...attempt];
  return execute(stage.identity, whole, stage.folder, row.environment?.(stage));
}

export type Verdict = 'escaped' | 'contained' | 'missing' | 'broken';

/** By the protocol of attempts/attempt.h: the exit status and the word must agree, else nothing has been tried. */
export function verdict({ code, output }: Result): Verdict {
  const says = (word: string): boolean => new RegExp(`^${word}: `, 'm').test(output);
  if (code === 0 && says('escaped')) return 'escaped';
  if (code === 1 && says('contained')) return 'contained';
  return code === 2 && says('missing') ? 'missing' : 'broken';
}

/** What a reader of a failed test needs to know. */
export function explain(row: Row, result: Result, said: string): string {
  return [
    `${row.name}: ${said}`,
    `  what it could do: ${row.danger}`,
    `  what should stop it: ${row.stops}`,
    `  the idea and the incident: the head of test/escape/attempts/${row.name}.c`,
    `  again: ${result.command}`,
    `  exit ${result.code}, and it said:`,
    ...result.output
      .trim()
      .split('\n')
      .slice(0, 20)
      .map((line) => `    ${line}`),
  ].join('\n');
}
