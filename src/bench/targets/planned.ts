/** A target that is a plan of ours, or a plain plan that starts a peer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StepInput } from '../../confine/plan.ts';
import { packageRoot } from '../../linux/addon.ts';
import { finish, SampleError, startPlan } from '../start.ts';
import type { Family, Gap, Target } from '../target.ts';

/** Longer than the slowest peer takes on a slow machine. */
export const START_LIMIT_MS = 20_000;

export interface Planned {
  name: string;
  family: Family;
  title: string;
  /** Made anew for each start, before the clock runs. */
  plan(argv: readonly string[]): StepInput[];
}

export function planned({ name, family, title, plan }: Planned): Target {
  const start: Target['start'] = async (argv) => startPlan(plan(argv));
  return { name, family, title, start, version: ownVersion, probe: () => tryOnce(start) };
}

/** Starts `true` once; what stands in the way is the gap. */
export async function tryOnce(start: Target['start'], argv = ['true']): Promise<Gap | undefined> {
  try {
    await finish(start(argv), START_LIMIT_MS);
    return undefined;
  } catch (error) {
    return gapOf(error);
  }
}

function gapOf(error: unknown): Gap {
  const { message, hint } = error as Error & { hint?: string };
  const remedy = hint ?? (error instanceof SampleError ? undefined : 'see `ring3 doctor`');
  // A message ends with its hint, which stands in a place of its own here.
  const reason = hint ? message.replace(hint, '').replace(/[.:\s]+$/, '') : message;
  return { reason, ...(remedy && { remedy }) };
}

async function ownVersion(): Promise<string> {
  const text = readFileSync(join(packageRoot, 'package.json'), 'utf8');
  return `ring3 ${(JSON.parse(text) as { version: string }).version}`;
}
