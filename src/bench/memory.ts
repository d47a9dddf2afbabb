/**
 * What a sandbox takes of the host's memory, from outside, once its guests sleep (proc_pid_smaps(5), smaps_rollup): Node with
 * the kernel in it counts in full, beside a Node that does nothing; of the stubs, what they share counts once.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { helperPath, packageRoot } from '../linux/addon.ts';
import type { PlatformName } from '../platform/platform.ts';

/** In KiB. */
export interface MemoryResult {
  platform: PlatformName;
  bareNode: number;
  /** Node with the kernel, of `sleep`. */
  kernel: number;
  /** The shim and the stubs. */
  stubs: number;
  /** A further process of the guest, all in all; and what of that is the guest's own. */
  process: number;
  ownPages: number;
  processes: number;
}

export interface MemoryBound {
  what: string;
  /** KiB. */
  value: number;
  most: number;
}

const MAIN = join(packageRoot, 'dist', 'bundle', 'main.js');
const SETTLE = 1500;
const MOST_SANDBOX = 30 * 1024;
const MOST_PROCESS = 1.5 * 1024;

interface Resident {
  /** Node's process. */
  main: number;
  others: number;
}

const total = ({ main, others }: Resident): number => main + others;

/** @param processes how many more of them are made, to tell what one takes */
export async function measureMemory(platform: PlatformName, processes: number): Promise<MemoryResult> {
  const bare = await resident([process.execPath, '-e', 'process.stdin.resume()']);
  const run = [process.execPath, MAIN, 'run', '--platform', platform, '--'];
  const sleep = await resident([...run, 'sh', '-c', 'exec sleep 1000']);
  const crowd = helperPath('crowd');
  const one = await resident([...run, crowd, '1'], true);
  const many = await resident([...run, crowd, String(processes + 1)], true);
  return {
    platform,
    bareNode: bare.main,
    kernel: sleep.main,
    stubs: sleep.others,
    process: (total(many) - total(one)) / processes,
    ownPages: one.told,
    processes,
  };
}

export function memoryBounds(result: MemoryResult): MemoryBound[] {
  const { bareNode, kernel, stubs, process, ownPages } = result;
  return [
    { what: 'beyond a bare Node, a sandbox for sleep', value: kernel + stubs - bareNode, most: MOST_SANDBOX },
    { what: 'beyond its own pages, each further process', value: process - ownPages, most: MOST_PROCESS },
  ];
}

/** Starts a command, lets it come to rest, looks, and ends it. @param tells its first line is a number, and then it rests */
async function resident(argv: readonly string[], tells = false): Promise<Resident & { told: number }> {
  const child = spawn(argv[0]!, argv.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const told = tells ? Number(await firstLine(child)) : 0;
    await wait(SETTLE);
    if (child.exitCode !== null) throw new Error(`${argv.join(' ')} ended with ${child.exitCode}.`);
    return { ...tally(child.pid!), told };
  } finally {
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout!) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return text.split('\n')[0]!;
}

function tally(pid: number): Resident {
  const others = descendants(pid).map((other) => rollup(other, 'Pss'));
  return { main: rollup(pid, 'Rss'), others: others.reduce((sum, size) => sum + size, 0) };
}

function rollup(pid: number, field: 'Rss' | 'Pss'): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
}

/** proc_pid_task(5), children. */
function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}
