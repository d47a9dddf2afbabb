/** A submission made of one text, behind the wall, for as long as a test lasts. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { manifestSchema } from '../../src/lab/manifest.ts';
import { WrongAnswer } from '../../src/lab/outcome.ts';
import { Session } from '../../src/lab/student/session.ts';

const LIMITS = { timeoutMs: 3000, memoryMiB: 96, outputKiB: 64, processes: 40 };

export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ring3-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function submission(text: string, limits: Partial<typeof LIMITS> = {}): Session {
  const folder = temporary();
  writeFileSync(join(folder, 'exercise.ts'), text);
  return sessionFor(folder, limits);
}

export function sessionFor(folder: string, limits: Partial<typeof LIMITS> = {}): Session {
  const parsed = manifestSchema.shape.limits.parse({ ...LIMITS, ...limits });
  const session = new Session({ file: join(folder, 'exercise.ts'), root: folder, trusted: false }, parsed);
  onTestFinished(() => session.close());
  return session;
}

/** Why a call came to nothing; fails the test when it came to something, or when the grader was to blame. */
export async function faultOf(call: Promise<unknown>): Promise<string> {
  let value: unknown;
  try {
    value = await call;
  } catch (error) {
    if (error instanceof WrongAnswer) return error.message;
    throw error;
  }
  throw new Error(`there was a result: ${JSON.stringify(value)}`);
}

/** Every process of this machine whose command line contains the text. */
export function processesWith(text: string): string[] {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) return false;
    try {
      return readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}
