/** A process group and nothing more: what is left where the kernel gives no confinement. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import {
  PROGRAM,
  SUBMISSION,
  nodeArguments,
  type Ended,
  type Launch,
  type StudentProcess,
} from './launch.ts';

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

export async function launchPlain(launch: Launch, why: string): Promise<StudentProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'ring3-lab-'));
  writeFileSync(join(folder, PROGRAM), launch.program);
  writeFileSync(join(folder, SUBMISSION), launch.submission);
  const child = spawn(process.execPath, nodeArguments(launch.limits, folder), {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', TMPDIR: folder, HOME: folder },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const exited = new Promise<Ended>((resolve) => {
    child.on('error', () => resolve({ code: 127, signal: null }));
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
  const [, stdout, stderr, pipe] = child.stdio as unknown as [null, Duplex, Duplex, Duplex];
  return {
    pipe,
    stdout,
    stderr,
    exited,
    warnings: [`the submission ran as a plain process: ${why}`],
    async kill() {
      if (child.pid !== undefined) {
        if (child.exitCode === null && child.signalCode === null) descendants(child.pid).forEach(tryKill);
        tryKill(-child.pid);
      }
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
