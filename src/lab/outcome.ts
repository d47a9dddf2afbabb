/**
 * What can become of a task. Three failures that are never confused: the answer is wrong (zero points, with the
 * reason), this host cannot tell (ungraded, names doctor's probe), the grader broke (ungraded, non-zero exit).
 */
export const OUTCOMES = ['passed', 'wrong', 'host-cannot', 'grader-broke'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What a failure teaches. `expected` and `seen` are one line each; `show` is a command, `read` a page. */
export interface Explanation {
  expected: string;
  seen: string;
  /** A command that shows it again. Without one, the command that repeats this task with its seed is printed. */
  show?: string;
  /** Where to read on: a section of the handout, or a man page. */
  read?: string;
}

export interface TaskResult {
  task: string;
  outcome: Outcome;
  /** One line; empty when passed. */
  reason: string;
  explanation?: Explanation;
  /** Doctor's probe that failed, when the outcome is `host-cannot`. */
  probe?: string;
  /** The last that the submission printed during the task, bounded. */
  printed?: string;
  milliseconds: number;
}

/** The submission's answer is wrong. */
export class WrongAnswer extends Error {
  override name = 'WrongAnswer';
  explanation: Explanation;

  constructor(explanation: Explanation) {
    super(`expected ${explanation.expected}, saw ${explanation.seen}`);
    this.explanation = explanation;
  }
}

/** This host cannot tell whether the answer is right. */
export class HostCannot extends Error {
  override name = 'HostCannot';
  probe: string;

  constructor(probe: string, reason: string) {
    super(reason);
    this.probe = probe;
  }
}

/** Fail the task: the submission is wrong. */
export function wrong(explanation: Explanation): never {
  throw new WrongAnswer(explanation);
}

/** Leave the task ungraded: what doctor's `probe` asks for is missing here. */
export function hostCannot(probe: string, reason: string): never {
  throw new HostCannot(probe, reason);
}

function assertionExplanation(error: Error): Explanation | undefined {
  if (error.name !== 'AssertionError') return undefined;
  const { expected, actual } = error as { expected?: unknown; actual?: unknown };
  const message = firstLine(error.message);
  if (expected === undefined && actual === undefined) return { expected: message, seen: 'otherwise' };
  return { expected: show(expected), seen: `${show(actual)} (${message})` };
}

/** Sort what a task threw into an outcome. Whatever is not known to be the submission's fault is the grader's. */
export function classify(error: unknown): Pick<TaskResult, 'outcome' | 'reason' | 'explanation' | 'probe'> {
  if (error instanceof WrongAnswer) {
    return { outcome: 'wrong', reason: firstLine(error.message), explanation: error.explanation };
  }
  if (error instanceof HostCannot) {
    return { outcome: 'host-cannot', reason: firstLine(error.message), probe: error.probe };
  }
  if (error instanceof Error) {
    const explanation = assertionExplanation(error);
    if (explanation) return { outcome: 'wrong', reason: firstLine(error.message), explanation };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { outcome: 'grader-broke', reason: text.split('\n').slice(0, 4).join(' | ').slice(0, 1000) };
}

export function firstLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length > 400 ? `${line.slice(0, 399)}…` : line;
}

/** A value as one bounded line, for `expected` and `seen`. */
export function show(value: unknown): string {
  const seen = new Set<unknown>();
  const text = JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`;
    if (typeof part === 'function') return '[function]';
    if (part instanceof Uint8Array) return `bytes ${Buffer.from(part.subarray(0, 64)).toString('hex')}`;
    if (typeof part === 'object' && part !== null) {
      if (seen.has(part)) return '[again]';
      seen.add(part);
    }
    return part;
  });
  return firstLine(text ?? String(value));
}
