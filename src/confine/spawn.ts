/** Starting a child from a plan: encode it, hand it to the shim, and wait for the exec to succeed. */
import { closeSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { addon, helperPath } from '../linux/addon.ts';
import { Child, type Exit } from './child.ts';
import { encode } from './encode.ts';
import { planSchema, type Plan, type StepInput } from './plan.ts';

/** `number`: a descriptor of ours, which the child gets a copy of. */
export type Stdio = 'inherit' | 'pipe' | 'null' | number;

export interface SpawnOptions {
  stdio?: [Stdio, Stdio, Stdio];
  /** Called after the child has ended and while its cgroups still exist: the time to read their counters. */
  beforeCleanup?: (exit: Exit) => void | Promise<void>;
}

/** A plan that is not one: the message names the step and the field. */
export class PlanError extends Error {}

export function parsePlan(plan: unknown): Plan {
  const parsed = planSchema.safeParse(plan);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const [index, ...field] = issue.path;
    const at =
      index === undefined
        ? 'The plan'
        : `Step ${String(index)}${field.length ? ` (${field.join('.')})` : ''}`;
    throw new PlanError(`${at}: ${issue.message}`);
  }
  const last = parsed.data.at(-1);
  if (last?.step !== 'exec') throw new PlanError('The plan must end with an `exec` step.');
  refuseHostSwitches(parsed.data);
  return parsed.data;
}

/** Whose switch a file of /proc/sys is, its writer's namespaces decide: without ones of its own, the child turns the host's. */
function refuseHostSwitches(plan: Plan): void {
  const own = new Set(plan.flatMap((step) => (step.step === 'namespaces' ? step.types : [])));
  const index = plan.findIndex(({ step }) => step === 'sysctl');
  if (index >= 0 && !(own.has('user') && own.has('pid'))) {
    throw new PlanError(`Step ${index} (sysctl) needs user and pid namespaces of the child's own.`);
  }
}

let executable: number | undefined;

/**
 * The shim runs from a sealed memfd, so that no guest can write to the file. Where AppArmor gives the right to make
 * user namespaces to named programs only (Ubuntu ≥ 23.10), it must keep its name and runs from its file.
 */
function shimExecutable(): number {
  if (executable !== undefined) return executable;
  const path = helperPath('ring3-shim');
  executable = needsItsName() ? openSync(path, 'r') : addon().sealedCopy(path);
  return executable;
}

function needsItsName(): boolean {
  if (process.getuid?.() === 0) return false;
  try {
    const fd = openSync('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', 'r');
    closeSync(fd);
    return true;
  } catch {
    return false;
  }
}

interface Ends {
  /** What the child gets as 0, 1 and 2. */
  given: number[];
  /** Ours to close once it has them. */
  close: number[];
  /** Our ends of the pipes, by descriptor of the child's. */
  ours: (number | undefined)[];
}

function openStdio(stdio: readonly Stdio[]): Ends {
  const ends: Ends = { given: [], close: [], ours: [] };
  stdio.forEach((kind, index) => {
    if (kind === 'pipe') {
      const [read, write] = addon().pipe();
      const [theirs, ours] = index === 0 ? [read, write] : [write, read];
      ends.given.push(theirs);
      ends.close.push(theirs);
      ends.ours[index] = ours;
    } else if (kind === 'null') {
      const fd = openSync('/dev/null', index === 0 ? 'r' : 'w');
      ends.given.push(fd);
      ends.close.push(fd);
    } else {
      ends.given.push(kind === 'inherit' ? index : kind);
    }
  });
  return ends;
}

function pipeEnd(fd: number | undefined, readable: boolean): Socket | undefined {
  return fd === undefined ? undefined : new Socket({ fd, readable, writable: !readable });
}

/** A plan that has been checked and put into the shim's form: what it describes can be started any number of times. */
export class PreparedPlan {
  readonly plan: Plan;
  /** The plan's memory, as the shim reads it, and the offset of struct Shared in it. */
  readonly bytes: Uint8Array;
  readonly shared: number;

  /** @throws PlanError when the plan makes no sense */
  constructor(input: readonly StepInput[]) {
    this.plan = parsePlan(input);
    const { bytes, shared } = encode(this.plan, addon().layout);
    this.bytes = bytes;
    this.shared = shared;
  }
}

/**
 * Starts a child and resolves when its exec has succeeded.
 * @throws PlanError when the plan makes no sense; StepError when a step failed, with nothing left behind.
 */
export async function spawn(
  input: readonly StepInput[] | PreparedPlan,
  options: SpawnOptions = {},
): Promise<Child> {
  const { plan, bytes, shared } = input instanceof PreparedPlan ? input : new PreparedPlan(input);
  const native = addon();
  const memory = native.memoryFile(bytes);
  const [control, theirControl] = native.socketPair();
  const [console, theirConsole] = native.socketPair();
  const ends = openStdio(options.stdio ?? ['inherit', 'inherit', 'inherit']);
  let shim;
  try {
    shim = native.launch(shimExecutable(), [...ends.given, memory, theirControl, theirConsole]);
  } catch (error) {
    for (const fd of [memory, control, console, ...ends.ours]) if (fd !== undefined) closeSync(fd);
    throw error;
  } finally {
    for (const fd of [theirControl, theirConsole, ...ends.close]) closeSync(fd);
  }
  const child = new Child({
    plan,
    shim,
    memory,
    shared,
    console,
    control: new Socket({ fd: control }),
    stdin: pipeEnd(ends.ours[0], false),
    stdout: pipeEnd(ends.ours[1], true),
    stderr: pipeEnd(ends.ours[2], true),
    beforeCleanup: options.beforeCleanup,
  });
  await child.started;
  return child;
}
