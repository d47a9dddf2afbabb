/** One `run(spec)`: a confined child from its first step to its end, and what it used. */
import {
  cgroupName,
  hostFor,
  readStats,
  sweep,
  wasOomKilled,
  type CgroupHost,
  type CgroupStats,
} from '../confine/cgroups/index.ts';
import type { Child, Exit } from '../confine/child.ts';
import type { StepInput } from '../confine/plan.ts';
import { spawn, type Stdio } from '../confine/spawn.ts';
import { runPlan } from './plan.ts';
import type { RunSpec } from './spec.ts';

export interface Outcome extends Exit {
  stats: CgroupStats;
  outOfMemory: boolean;
  timedOut: boolean;
  /** From the request to the end, in milliseconds. */
  wallMs: number;
}

export interface Run {
  child: Child;
  plan: StepInput[];
  outcome: Promise<Outcome>;
}

/** The plan of a spec, and where its limits are to be read. Nothing has been made yet. */
export function prepare(spec: RunSpec): { plan: StepInput[]; host: CgroupHost; name: string } {
  const limited = Object.keys(spec.limits).length > 0;
  const host = limited ? hostFor(spec.limits) : NO_CGROUPS;
  // A helper that was itself killed may have left a group behind; whoever makes one looks.
  if (limited) sweep(host);
  const name = cgroupName();
  return { plan: runPlan(spec, { host, name }), host, name };
}

const NO_CGROUPS: CgroupHost = { layout: 'none', v1: [] };

/** Starts the command and resolves when its exec has succeeded. @throws StepError, PlanError, CgroupError */
export async function run(spec: RunSpec, stdio: [Stdio, Stdio, Stdio]): Promise<Run> {
  const started = performance.now();
  const { plan, host, name } = prepare(spec);
  let stats: CgroupStats = {};
  const child = await spawn(plan, {
    stdio,
    beforeCleanup: () => {
      stats = readStats(host, name);
    },
  });
  let timedOut = false;
  const timer =
    spec.timeout === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          child.kill('SIGKILL');
        }, spec.timeout * 1000);
  const outcome = child.exited
    .then((exit) => ({
      ...exit,
      stats,
      outOfMemory: wasOomKilled(stats, exit),
      timedOut,
      wallMs: performance.now() - started,
    }))
    .finally(() => clearTimeout(timer));
  return { child, plan, outcome };
}
