import { openSync } from 'node:fs';

/** Before the first sample is taken: a minute's work must not be lost to a wrong path. */
export function openOutput(file: string): number {
  try {
    return openSync(file, 'w');
  } catch (error) {
    throw new Error(`-o ${file} cannot be written: ${(error as NodeJS.ErrnoException).code}.`, {
      cause: error,
    });
  }
}
