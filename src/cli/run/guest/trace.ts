/** Where `--trace` goes. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { Strace } from '../../../kernel/trace/strace.ts';
import { say } from './terminal.ts';

export interface Trace {
  tracer: Strace;
  close(): void;
}

/** @param to a file, or true for standard error. @throws Error with one line */
export function openTrace(to: string | true): Trace {
  if (to === true) return { tracer: new Strace(say), close: () => {} };
  const fd = open(to);
  return { tracer: new Strace((text) => void writeSync(fd, text)), close: () => closeSync(fd) };
}

function open(path: string): number {
  try {
    return openSync(path, 'w', 0o600);
  } catch (error) {
    throw new Error(`--trace=${path}: it cannot be written (${(error as NodeJS.ErrnoException).code}).`, {
      cause: error,
    });
  }
}
