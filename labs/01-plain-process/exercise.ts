/**
 * Lab 01: what a plain process costs, sees and can do.
 *
 * Two parts, in any order: a harness that measures (`measure`, `calibrate`), which the whole course uses, and a look
 * at a process through /proc (`inspect`, `shared`, `reach`). README.md says exactly what is tested.
 */

/** Nanoseconds since some moment in the past; never goes back. */
export type Clock = () => number;

/** Something whose cost is wanted. */
export interface Target {
  name: string;
  run(): Promise<void> | void;
}

/** What is told about a target, in nanoseconds but for `ratio`. */
export interface Row {
  target: string;
  median: number;
  /** The median of the distances from the median. */
  spread: number;
  /** How many times the first target's cost, as the median of the rounds' own ratios. */
  ratio: number;
}

/** Rounds that are run and not counted: caches, lazily loaded code and the processor's clock settle meanwhile. */
export const WARM_UP = 3;

/**
 * Runs every target `WARM_UP + rounds` times and says what each costs, a row for each target in their order.
 * Rejects with an Error that names the target when one fails, and runs nothing more.
 */
export async function measure(_time: Clock, _targets: Target[], _rounds: number): Promise<Row[]> {
  // TODO: warm-up, rounds, samples; then median, spread and ratio.
  throw new Error('not written yet');
}

/**
 * For something shorter than the clock can see: runs it 1, 2, 4, 8 … times between two readings, until that takes
 * `shortest` nanoseconds or more. Says how many times that was, and what one of them took.
 */
export function calibrate(
  _time: Clock,
  _run: () => void,
  _shortest: number,
): { count: number; each: number } {
  // TODO
  throw new Error('not written yet');
}

/**
 * /proc, as one reads it. All three reject with an Error whose `code` is that of the system call: ENOENT (there is no
 * such file, or no such process), ESRCH (the process ended while the file was open), EACCES (it may not be read).
 */
export interface Proc {
  /** A file's whole text: `await proc.read('/proc/1/stat')`. */
  read(path: string): Promise<string>;
  /** Where a symbolic link leads: `await proc.link('/proc/1/ns/pid')` is something like `pid:[4026531836]`. */
  link(path: string): Promise<string>;
  /** The names in a directory. */
  list(path: string): Promise<string[]>;
}

export interface Facts {
  pid: number;
  /** The command's name as the kernel keeps it: at most 15 bytes, and any bytes. */
  name: string;
  parent: number;
  /** When it started, in clock ticks after the machine did. With the pid, it names the process for good. */
  started: number;
  uids: { real: number; effective: number; saved: number };
  /** The numbers of the capabilities in its effective set, ascending (capabilities(7), linux/capability.h). */
  capabilities: number[];
  command: string[];
  /** null when it may not be read. */
  environment: Record<string, string> | null;
  /** Where each open descriptor leads, by its number; null when that may not be read. */
  descriptors: Record<number, string> | null;
}

/** What can be seen of a process from outside; null when it is gone, or gone before we were done looking. */
export async function inspect(_proc: Proc, _pid: number): Promise<Facts | null> {
  // TODO: stat, status, cmdline, environ, fd.
  throw new Error('not written yet');
}

/** The types of the namespaces that two processes share, in alphabetical order: cgroup, ipc, mnt, net, pid … */
export async function shared(_proc: Proc, _one: number, _other: number): Promise<string[]> {
  // TODO: /proc/PID/ns
  throw new Error('not written yet');
}

/** The other processes to which `pid` may send any signal by the rule of kill(2), in ascending order. */
export async function reach(_proc: Proc, _pid: number): Promise<number[]> {
  // TODO
  throw new Error('not written yet');
}
