/**
 * Carries a plan out and looks at the world that it makes: from inside, through the guest native/programs/world.c, and
 * from outside, through /proc.
 *
 * A step that fails is taken out and remembered, and the rest is tried again: one mistake then costs the tasks that are
 * about it, and not the whole lab.
 */
import { chmodSync, chownSync, copyFileSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { StepError, type Child } from '../../confine/child.ts';
import type { StepInput } from '../../confine/plan.ts';
import { spawn } from '../../confine/spawn.ts';
import { helperPath } from '../../linux/addon.ts';
import { NAMESPACES, type Namespace } from '../../linux/namespaces.ts';
import type { Resource } from '../../linux/resources.ts';

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
 * @throws StepError when not even the bare child starts: the host's fault or ours, no plan's.
 */
export async function carryOut(plan: readonly StepInput[], options: ObserveOptions = {}): Promise<Carried> {
  const folder = mkdtempSync(join(tmpdir(), 'ring3-world-'));
  try {
    // Without a pid namespace, orphans are the host's: it may take its time.
    const argv = plan.some((step) => step.step === 'namespaces' && step.types.includes('pid'))
      ? ['world', '--orphan']
      : ['world'];
    const exec = prepareGuest(folder, argv, options);
    const steps = [...plan];
    const failed: StepError[] = [];
    for (;;) {
      try {
        return { world: await observe([...steps, exec]), failed };
      } catch (error) {
        if (!(error instanceof StepError) || !steps[error.index]) throw error;
        failed.push(error);
        steps.splice(error.index, 1);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The guest is copied: whoever the plan makes of it may have no way into the folders that lead to ours. */
function prepareGuest(folder: string, argv: string[], { setuid }: ObserveOptions): StepInput {
  const guest = join(folder, 'world');
  chmodSync(folder, 0o711);
  copyFileSync(helperPath('world'), guest);
  chmodSync(guest, 0o755);
  if (setuid) {
    const privileged = join(folder, 'setuid');
    copyFileSync(guest, privileged);
    if (setuid.uid !== process.geteuid!()) chownSync(privileged, setuid.uid, setuid.gid);
    chmodSync(privileged, 0o4755); // after chown, which clears the bit
    argv.push(privileged);
  }
  return { step: 'exec', file: guest, argv, env: [] };
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
  throw new Error(`the guest ended after ${text.length} bytes of its report`);
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
