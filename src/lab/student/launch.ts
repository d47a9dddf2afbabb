/** What a launcher takes and gives: a process of a submission's own, walled in as well as the host allows. */
import type { Duplex, Readable } from 'node:stream';
import type { Limits } from '../manifest.ts';

export interface Launch {
  /** The program that serves the grader, and the submission that it loads: the texts of two modules. */
  program: string;
  submission: string;
  limits: Limits;
}

export interface Ended {
  code: number | null;
  signal: string | null;
}

export interface StudentProcess {
  /** Calls and results: descriptor 3 of the process. */
  pipe: Duplex;
  stdout: Readable;
  stderr: Readable;
  exited: Promise<Ended>;
  /** End it with everything that it started; resolves when nothing of it is left, on the disk either. */
  kill(): Promise<void>;
  /** What the wall lacks on this host; empty when nothing is missing. */
  warnings: string[];
}

/** The files' names in the folder that the process starts in. */
export const PROGRAM = 'host.mjs';
export const SUBMISSION = 'exercise.mjs';

/** Node's own arguments. Stacks are told in lines of exercise.ts; the heap ends before the process does. */
export function nodeArguments({ memoryMiB }: Limits, folder: string): string[] {
  return [
    `--max-old-space-size=${memoryMiB}`,
    '--enable-source-maps',
    '--no-warnings',
    `${folder}/${PROGRAM}`,
    `${folder}/${SUBMISSION}`,
  ];
}
