/**
 * Carries a plan out and looks at the world that it makes: from inside, through the guest native/programs/world.c, and
 * from outside, through /proc.
 *
 * A step that fails is taken out and remembered, and the rest is tried again: one mistake then costs the tasks that are
 * about it, and not the whole lab.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { StepError, type Child } from '../../confine/child.ts';
import type { StepInput } from '../../confine/plan.ts';
import { spawn } from '../../confine/spawn.ts';
import { NAMESPACES, type Namespace } from '../../linux/namespaces.ts';
import type { Resource } from '../../linux/resources.ts';
import { wrong } from '../outcome.ts';
import { installGuest } from './guest.ts';

/** Capability sets are in hexadecimal, as /proc/PID/status prints them. */
export interface Identity {
  /** Real, effective, saved. */
  uids: [number, number, number];
  gids: [number, number, number];
  groups: number[];
  effective: string;
  permitted: string;
  inheritable: string;
  bounding: string;
  ambient: string;
  securebits: number;
  noNewPrivs: number;
}

export interface SeenWorld {
  pid: number;
  parent: number;
  umask: number;
  hostname: string;
  identity: Identity;
  limits: Record<Resource, [soft: number | 'unlimited', hard: number | 'unlimited']>;
  /** The process ids that /proc lists. */
  processes: number[];
  interfaces: string[];
  /** Can it connect to itself at 127.0.0.1? */
  loopbackWorks: boolean;
  /** Is a process whose parent has gone collected when it ends? Asked only where the plan has a pid namespace. */
  orphanReaped: boolean;
  /** The files of /proc/self: uid_map, gid_map, setgroups, mountinfo, cgroup. */
  uidMap: string;
  gidMap: string;
  setgroups: string;
  mounts: string;
  cgroup: string;
  /** What running a setuid-root program gives, if there was one to run. */
  setuid?: Identity | { error: string };
  /** From outside: `pid:[4026531836]` and so on, and /proc/PID/status. */
  namespaces: Partial<Record<Namespace, string>>;
  status: string;
}

export interface Carried {
  world: SeenWorld;
  /** The steps that the kernel refused, in the order of their failing. */
  failed: StepError[];
}

export interface ObserveOptions {
  /** Put a setuid copy of the guest in its reach that belongs to these host ids, and let it run that. */
  setuid?: { uid: number; gid: number };
}

const TIMEOUT_MS = 10_000;

/**
 * `plan` has no exec step: the guest's is appended.
 * @throws WrongAnswer when no program can live at the end of the plan; any other error is the host's fault or ours.
 */
export async function carryOut(plan: readonly StepInput[], options: ObserveOptions = {}): Promise<Carried> {
  const guest = installGuest(options.setuid);
  try {
    // Without a pid namespace, orphans are the host's: it may take its time.
    const ownPids = plan.some((step) => step.step === 'namespaces' && step.types.includes('pid'));
    const argv = ['world', ...(ownPids ? ['--orphan'] : []), ...guest.setuid];
    const exec: StepInput = { step: 'exec', file: guest.file, argv, env: [] };
    return await tryWithout(plan, exec);
  } finally {
    guest.remove();
  }
}

async function tryWithout(plan: readonly StepInput[], exec: StepInput): Promise<Carried> {
  const steps = [...plan];
  const failed: StepError[] = [];
  for (;;) {
    try {
      return { world: await observe([...steps, exec]), failed };
    } catch (error) {
      const refused = error instanceof StepError ? steps[error.index] : undefined;
      // Never without its namespaces: the steps that follow would then happen to this machine.
      if (refused?.step === 'namespaces') throw error;
      if (!refused) await blame(error, exec);
      failed.push(error as StepError);
      steps.splice((error as StepError).index, 1);
    }
  }
}

/** The guest did not live to report. If it does without the plan, the plan has killed it. */
async function blame(error: unknown, exec: StepInput): Promise<never> {
  await observe([exec]);
  const seen = (error as Error).message;
  return wrong({ expected: 'a program to start and run at the end of the steps', seen });
}

async function observe(plan: StepInput[]): Promise<SeenWorld> {
  const child = await spawn(plan, { stdio: ['pipe', 'pipe', 'inherit'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  try {
    const inside = await report(child.stdout!);
    const outside = await lookAt(child, plan);
    return { ...inside, ...outside };
  } finally {
    child.stdin!.end();
    await child.exited;
    clearTimeout(timer);
  }
}

/** The guest's report ends with its last line and not with its output: it waits to be looked at. */
async function report(stdout: Readable): Promise<Omit<SeenWorld, 'namespaces' | 'status'>> {
  let text = '';
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.endsWith('}\n')) return JSON.parse(text) as SeenWorld;
  }
  throw new Error(`it ended after ${text.length} bytes of its report`);
}

async function lookAt(child: Child, plan: StepInput[]): Promise<Pick<SeenWorld, 'namespaces' | 'status'>> {
  const pid = plan.some(({ step }) => step === 'init') ? await onlyChild(child.pid) : child.pid;
  const link = (type: Namespace) => {
    try {
      return [[type, readlinkSync(`/proc/${pid}/ns/${type}`)]];
    } catch {
      return [];
    }
  };
  return {
    namespaces: Object.fromEntries(NAMESPACES.flatMap(link)),
    status: readFileSync(`/proc/${pid}/status`, 'utf8'),
  };
}

/** The command below an init, whose own /proc entry is nobody's to read. Not every kernel has the file at once. */
async function onlyChild(init: number): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const [pid] = readFileSync(`/proc/${init}/task/${init}/children`, 'utf8').trim().split(' ');
    if (pid) return Number(pid);
    await delay(2);
  }
  return init;
}
