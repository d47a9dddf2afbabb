/** One `run(spec)`: a confined child from its first step to its end, and what it used. */
import {
  cgroupName,
  discoverCgroups,
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

const NO_CGROUPS: CgroupHost = { layout: 'none', v1: [] };

const isLimited = (spec: RunSpec): boolean => Object.keys(spec.limits).length > 0;

/** What `run` would do, to be shown: the host is looked at and not touched. */
export function planOf(spec: RunSpec): StepInput[] {
  const host = isLimited(spec) ? discoverCgroups() : NO_CGROUPS;
  return runPlan(spec, { host, name: cgroupName() });
}

/** The host's cgroups, with room made for a group of ours, where the spec has limits. */
function makeRoom(spec: RunSpec): CgroupHost {
  if (!isLimited(spec)) return NO_CGROUPS;
  const host = hostFor(spec.limits);
  // A shim that was itself killed may have left a group behind; whoever makes one looks.
  void sweep(host);
  return host;
}

/** Starts the command and resolves when its exec has succeeded. @throws StepError, PlanError, CgroupError */
export async function run(spec: RunSpec, stdio: [Stdio, Stdio, Stdio]): Promise<Run> {
  const started = performance.now();
  const host = makeRoom(spec);
  const name = cgroupName();
  const plan = runPlan(spec, { host, name });
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
