/** Runs the programs that measure themselves, `micro` and `baseline`, and reads what they say. */
import { dirname } from 'node:path';
import { execute, type Executed } from '../../confine/execute.ts';
import { helperPath } from '../../linux/addon.ts';
import { execStep } from '../program.ts';
import { SampleError } from '../start.ts';
import type { Gap } from '../target.ts';

/** Of a target that hangs. The slowest peers need a third of it. */
const LIMIT_MS = 60_000;

export interface Reading {
  /** Nanoseconds an operation. */
  ns: number;
  count: number;
}

export function microCommand(workload: string, count: number, warmUp: number): string[] {
  return [helperPath('micro'), workload, String(count), String(warmUp)];
}

/** @throws SampleError when it fails, hangs or says something else. */
export async function read(argv: readonly string[]): Promise<Reading> {
  const { stdout } = await runToEnd(argv);
  const reading = parse(stdout);
  if (!reading) throw new SampleError(`printed no figure: ${JSON.stringify(stdout.slice(0, 100))}`);
  return reading;
}

/** Starts a command once; what stands in its way is the gap. */
export async function gapOf(argv: readonly string[]): Promise<Gap | undefined> {
  try {
    await runToEnd(argv);
    return undefined;
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

async function runToEnd(argv: readonly string[]): Promise<Executed> {
  // In the folder of the programs: whatever else a sandbox hides, it shows the current one.
  const workdir = { step: 'workdir', path: dirname(helperPath('micro')) } as const;
  const ended = await execute([workdir, execStep(argv)], { timeoutMs: LIMIT_MS });
  if (ended.timedOut) throw new SampleError(`did not end within ${LIMIT_MS / 1000} s and was killed`);
  const { code, signal } = ended.exit;
  if (code === 0) return ended;
  const how = signal ? `was ended by ${signal}` : `exit status ${code}`;
  const complaint = ended.stderr.trim().split('\n').at(-1);
  throw new SampleError(complaint ? `${how}: ${complaint}` : how);
}

/** The one line of JSON; undefined when it is something else, since a target under test may print anything. */
function parse(stdout: string): Reading | undefined {
  try {
    const { ns_per_op: ns, count } = JSON.parse(stdout) as { ns_per_op?: unknown; count?: unknown };
    if (typeof ns !== 'number' || typeof count !== 'number') return undefined;
    return ns > 0 && Number.isFinite(ns) ? { ns, count } : undefined;
  } catch {
    return undefined;
  }
}
