/** Which filter a run gets: ours, a file's, or none. */
import { defaultProgram, programFor } from '../confine/seccomp/cache.ts';
import { decode } from '../confine/seccomp/bpf.ts';
import type { CompiledProfile } from '../confine/seccomp/compile.ts';
import { verify } from '../confine/seccomp/verify.ts';
import type { Capability } from '../linux/capabilities.ts';
import { readRegularFile } from '../linux/files.ts';

/** @throws Error with one line about the file. */
function contents(file: string): Buffer {
  try {
    return readRegularFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw new Error(`--seccomp ${file}: ${message}`, { cause: error });
    const reason = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new Error(
      `--seccomp ${file}: ${reason}. It takes default, none, an OCI profile or a BPF program.`,
      { cause: error },
    );
  }
}

/** A program as the kernel takes it. @throws Error with one line about what the kernel would have against it. */
function checked(program: Buffer, file: string): CompiledProfile {
  try {
    const fault = verify(decode(program));
    if (fault) throw new Error(`instruction ${fault.index} ${fault.reason}`);
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`--seccomp ${file}: neither an OCI profile nor a BPF program: ${message}`, {
      cause: error,
    });
  }
  return { program, unknown: [] };
}

/** A profile begins with a brace, which no instruction does. */
function compiled(choice: string, capabilities: readonly Capability[]): CompiledProfile {
  if (choice === 'default') return defaultProgram(capabilities);
  const bytes = contents(choice);
  const isProfile = bytes.toString('latin1', 0, 64).trimStart().startsWith('{');
  return isProfile ? programFor(bytes.toString('utf8'), choice, capabilities) : checked(bytes, choice);
}

/** @returns a classic BPF program in base64; undefined for `none`. */
export function seccompProgram(choice: string, capabilities: readonly Capability[]): string | undefined {
  if (choice === 'none') return undefined;
  return Buffer.from(compiled(choice, capabilities).program).toString('base64');
}
