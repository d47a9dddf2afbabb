/** The same shell script in two worlds: a plain child's, which is the host's, and that of `ring3 run`. */
import type { StepInput } from '../../confine/plan.ts';
import { execute } from '../../confine/execute.ts';
import { hostFor, needsOf, whyNot, type Limits } from '../../confine/cgroups/index.ts';
import { run, type Outcome } from '../../sandbox/run.ts';
import { specOf, type RunOptions } from '../run/options.ts';
import { parseWorld, SCRIPT, type World } from './script.ts';

const LIMITS: Limits = { memory: 64 * 2 ** 20, pids: 64 };
const TIME_LIMIT = 20;
const SHELL = ['/bin/sh', '-c', SCRIPT];

export interface Worlds {
  host: World;
  confined: World;
  outcome: Outcome;
  /** Why it has no limits on memory and processes. */
  unlimited?: string;
}

/** @throws StepError, or an Error that says what went wrong. */
export async function lookAtWorlds(): Promise<Worlds> {
  const plain: StepInput = { step: 'exec', file: SHELL[0]!, argv: SHELL, env: [] };
  const { stdout } = await execute([plain]);
  const unlimited = whyUnlimited();
  const confined = await confinedOutput(unlimited === undefined);
  const worlds = {
    host: parseWorld(stdout),
    confined: parseWorld(confined.stdout),
    outcome: confined.outcome,
  };
  return unlimited === undefined ? worlds : { ...worlds, unlimited };
}

/** An ordinary user often may not make cgroups: everything else can be shown nevertheless. */
function whyUnlimited(): string | undefined {
  return whyNot(hostFor(LIMITS), needsOf(LIMITS))?.message;
}

async function confinedOutput(limited: boolean): Promise<{ stdout: string; outcome: Outcome }> {
  const options: RunOptions = {
    platform: 'none',
    bind: [],
    env: [],
    hostname: 'ring3',
    net: 'none',
    capDrop: [],
    capAdd: [],
    with: [],
    seccomp: 'default',
    workdir: '/',
    timeout: String(TIME_LIMIT),
    ...(limited && { memory: String(LIMITS.memory), pids: String(LIMITS.pids) }),
  };
  const { child, outcome } = await run(specOf(SHELL, options, undefined), ['null', 'pipe', 'pipe']);
  const [stdout, stderr] = await Promise.all([textOf(child.stdout!), textOf(child.stderr!)]);
  const ended = await outcome;
  if (ended.code === 0) return { stdout, outcome: ended };
  throw new Error(`The confined shell ended with ${ended.signal ?? ended.code}: ${stderr.trim()}`);
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
