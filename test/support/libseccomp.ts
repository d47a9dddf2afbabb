/** Whether tests can use libseccomp here, and why not. */
import type { TestContext } from 'vitest';
import { libseccompVersion } from '../../src/confine/seccomp/ffi.ts';

/** Skips the test, and says what the loader said, where the library is missing. */
export function needsLibseccomp(context: TestContext): void {
  try {
    libseccompVersion();
  } catch (error) {
    context.skip(`needs libseccomp: loading it said “${(error as Error).message}”`);
  }
}
