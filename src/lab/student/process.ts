/** A process of a submission's own, as the session sees it; how it is walled in is the business of one launcher. */
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import type { Duplex, Readable } from 'node:stream';
import type { Limits } from '../manifest.ts';

export interface Ended {
  code: number | null;
  signal: string | null;
}

export interface StudentProcess {
  /** Calls and results (descriptor 3 of the process). */
  requests: Duplex;
  /** Calls that it waits for with a blocking read (descriptor 4). */
  callbacks: Duplex;
  stdout: Readable;
  stderr: Readable;
  exited: Promise<Ended>;
  /** End it with everything that it started; resolves when nothing of it is left. */
  kill(): Promise<void>;
  /** What the wall lacks on this host; empty when nothing is missing. */
  warnings: string[];
}

export interface Launch {
  /** The only folder that the process may write; holds the program and the submission. */
  scratch: string;
  argv: string[];
  env: Record<string, string>;
  limits: Limits;
}

/** Every process below `root`, found before it is killed: killing makes orphans that forget where they came from. */
function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch {
      // It ended while we looked.
    }
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

/** A process group and nothing more: what is left where the kernel gives no confinement. */
export async function launchPlain(launch: Launch): Promise<StudentProcess> {
  const [file, ...args] = launch.argv as [string, ...string[]];
  const child = spawn(file, args, {
    cwd: launch.scratch,
    env: launch.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  const exited = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
  exited.catch(() => {});
  const [, stdout, stderr, requests, callbacks] = child.stdio as unknown as Duplex[];
  return {
    requests: requests as Duplex,
    callbacks: callbacks as Duplex,
    stdout: stdout as Duplex,
    stderr: stderr as Duplex,
    exited,
    warnings: ['no confinement here: a submission can leave processes behind'],
    async kill() {
      if (child.pid === undefined) return;
      if (child.exitCode === null && child.signalCode === null) descendants(child.pid).forEach(tryKill);
      tryKill(-child.pid);
      await exited;
    },
  };
}

export const launchStudent: (launch: Launch) => Promise<StudentProcess> = launchPlain;
