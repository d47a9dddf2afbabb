/** The mechanical part of most probes: `native/programs/probe.c`, one process a probe. */
import { helperPath } from '../linux/addon.ts';
import { errnoName } from '../linux/errno.ts';
import { z } from 'zod';
import { run } from './process.ts';
import type { Finding } from './result.ts';

const answerSchema = z.object({
  ok: z.boolean(),
  seen: z.string().max(2000),
  errno: z.union([z.int(), z.string()]).optional(),
  fix: z.string().optional(),
});

/** Runs `probe NAME ARGUMENTS`. Never rejects: a program that is missing, hangs or crashes is a finding. */
export async function lookNatively(
  name: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Finding> {
  let program: string;
  try {
    program = helperPath('probe');
  } catch (error) {
    return { ok: false, seen: (error as Error).message, because: 'build' };
  }
  return ask(program, [name, ...args], signal);
}

/** Runs a program that answers in the words of `probe`: one JSON line. */
export async function ask(program: string, args: readonly string[], signal: AbortSignal): Promise<Finding> {
  const { error, stdout, stderr, how } = await run(program, args, signal);
  if (error) {
    const seen = `cannot start ${program}: ${error.message}`;
    return { ok: false, seen, ...(error.code !== undefined && { errno: error.code }) };
  }
  const [complaint = ''] = stderr.trim().split('\n', 1);
  return readAnswer(stdout) ?? { ok: false, seen: `the probe gave no answer (${how}) ${complaint}`.trim() };
}

function readAnswer(stdout: string): Finding | undefined {
  try {
    const { ok, seen, errno, fix } = answerSchema.parse(JSON.parse(stdout.split('\n', 1)[0] ?? ''));
    const name = typeof errno === 'number' ? errnoName(errno) : errno;
    return { ok, seen, ...(name && { errno: name }), ...(fix && { fix }) };
  } catch {
    return undefined;
  }
}
