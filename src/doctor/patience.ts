/** How long a probe may take before it counts as hanging. */
import { availableParallelism, loadavg } from 'node:os';
import { helperPath } from '../linux/addon.ts';
import { run } from './process.ts';

/** Milliseconds, on a machine that has nothing else to do and starts a small program in less than `USUAL_START`. */
export const PROBE_TIME_LIMIT = 2000;
const USUAL_START = 12;
const MOST = 20;

let known: Promise<number> | undefined;

/**
 * A slow machine is not one that lacks something: where starting a program that does nothing takes longer (in
 * user-mode-linux, under emulation), or others want the processors too, everything gets longer in proportion.
 */
export function timeLimit(): Promise<number> {
  known ??= measure();
  return known;
}

/** What is said of who has not answered in so many milliseconds. */
export function noAnswer(milliseconds: number): string {
  return `no answer within ${(milliseconds / 1000).toFixed(1)} s`;
}

async function measure(): Promise<number> {
  const busy = (loadavg()[0] ?? 0) / availableParallelism();
  return PROBE_TIME_LIMIT * Math.min(MOST, Math.max(1, busy, await slowness()));
}

async function slowness(): Promise<number> {
  try {
    const program = helperPath('probe');
    const start = performance.now();
    const { error } = await run(program, [], AbortSignal.timeout(PROBE_TIME_LIMIT));
    return error ? 1 : (performance.now() - start) / USUAL_START;
  } catch {
    return 1; // Not built: there is nothing to wait for.
  }
}
