/** Starting a plan and taking the time: every target, ours or a peer, is started in this one way. */
import { closeSync, readSync } from 'node:fs';
import type { Exit, TimelineEntry } from '../confine/child.ts';
import type { StepInput } from '../confine/plan.ts';
import { PreparedPlan, spawn } from '../confine/spawn.ts';
import { addon } from '../linux/addon.ts';

/** Milliseconds from the call of `spawn`. */
export interface Times {
  /** Until we knew that the child had ended. */
  exit: number;
  /** Until nothing of it was left: its cgroups, its helper. */
  gone: number;
}

export interface Finished {
  exit: Exit;
  times: Times;
  /** What our helper did from its first instruction until the exec. */
  timeline: TimelineEntry[];
  /** The last line that was written to standard error; empty when nothing was. */
  complaint: string;
}

export interface Started {
  finished: Promise<Finished>;
  kill(): void;
}

const COMPLAINT_LIMIT = 4096;

/** @param plan made already, and checked before the clock runs: making it is not timed, since a peer's command line is not either. */
export async function startPlan(plan: readonly StepInput[]): Promise<Started> {
  const complaints = addon().memoryFile(new Uint8Array());
  let ended = 0;
  try {
    const prepared = new PreparedPlan(plan);
    const began = performance.now();
    const child = await spawn(prepared, {
      stdio: ['null', 'null', complaints],
      beforeCleanup: () => {
        ended = performance.now();
      },
    });
    const finished = child.exited
      .then((exit) => {
        const times = { exit: ended - began, gone: performance.now() - began };
        return { exit, times, timeline: child.timeline, complaint: lastLine(complaints) };
      })
      .finally(() => closeSync(complaints));
    return { finished, kill: () => child.kill('SIGKILL') };
  } catch (error) {
    closeSync(complaints);
    throw error;
  }
}

function lastLine(file: number): string {
  const bytes = Buffer.alloc(COMPLAINT_LIMIT);
  const size = readSync(file, bytes, 0, bytes.length, 0);
  return bytes.toString('utf8', 0, size).trim().split('\n').at(-1) ?? '';
}

/** Thrown for a command that was started and did not do what `true` does. */
export class SampleError extends Error {}

/**
 * Starts a command and waits for its successful end.
 * @throws SampleError when it fails or takes longer than the limit; else as `start` does.
 */
export async function finish(start: Promise<Started>, limitMs: number): Promise<Finished> {
  const started = await start;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    started.kill();
  }, limitMs);
  try {
    const finished = await started.finished;
    const { code, signal } = finished.exit;
    if (late) throw new SampleError(`did not end within ${limitMs / 1000} s and was killed`);
    if (code !== 0) {
      const how = signal ? `was ended by ${signal}` : `exit status ${code}`;
      throw new SampleError(finished.complaint ? `${how}: ${finished.complaint}` : how);
    }
    return finished;
  } finally {
    clearTimeout(timer);
  }
}
