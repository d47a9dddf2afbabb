/** Runs a command under the userspace kernel in a process of its own, which may be confined, killed or broken. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Inside } from './inside.ts';

export interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

const project = fileURLToPath(new URL('../../../', import.meta.url));

/** The command line of such a process. */
export function insideCommand(what: Inside): string[] {
  return ['--import', 'tsx', `${project}test/guest/support/inside.ts`, JSON.stringify(what)];
}

export function inside(what: Inside, env: Record<string, string> = {}): Promise<Ran> {
  const child = spawn(process.execPath, insideCommand(what), {
    cwd: project,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString('latin1')));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString('latin1')));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...output }));
  });
}
