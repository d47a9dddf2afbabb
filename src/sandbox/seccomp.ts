/** Which filter a run gets: ours, a file's, or none. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { defaultProgram, programFor } from '../confine/seccomp/cache.ts';
import type { CompiledProfile } from '../confine/seccomp/compile.ts';
import type { Capability } from '../linux/capabilities.ts';

const MOST_BYTES = 1 << 20;

/** @throws Error with one line about the file. */
function profileText(file: string): string {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new Error(`--seccomp ${file}: ${reason}. It takes default, none, or an OCI profile.`, {
      cause: error,
    });
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new Error(`--seccomp ${file}: it is no regular file`);
    if (stat.size > MOST_BYTES) throw new Error(`--seccomp ${file}: it is larger than 1 MiB`);
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

function compiled(choice: string, capabilities: readonly Capability[]): CompiledProfile {
  if (choice === 'default') return defaultProgram(capabilities);
  return programFor(profileText(choice), choice, capabilities);
}

/** @returns a classic BPF program in base64; undefined for `none`. */
export function seccompProgram(choice: string, capabilities: readonly Capability[]): string | undefined {
  if (choice === 'none') return undefined;
  return Buffer.from(compiled(choice, capabilities).program).toString('base64');
}
