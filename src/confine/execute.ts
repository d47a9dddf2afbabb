/** Running a child to its end and keeping what it printed. */
import type { Readable } from 'node:stream';
import type { Exit } from './child.ts';
import type { StepInput } from './plan.ts';
import { spawn, type SpawnOptions } from './spawn.ts';

export interface ExecuteOptions {
  input?: string | Uint8Array;
  /** Killed after that; 10 seconds unless told. */
  timeoutMs?: number;
  /** Bytes kept of each stream, the rest is read and thrown away; 1 MiB unless told. */
  maxOutput?: number;
  beforeCleanup?: SpawnOptions['beforeCleanup'];
}

export interface Executed {
  exit: Exit;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

async function collect(stream: Readable, limit: number): Promise<string> {
  const kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (size < limit) kept.push(chunk.subarray(0, limit - size));
    size += chunk.length;
  }
  return Buffer.concat(kept).toString();
}

/** @throws as `spawn` does. */
export async function execute(plan: readonly StepInput[], options: ExecuteOptions = {}): Promise<Executed> {
  const { input = '', timeoutMs = 10_000, maxOutput = 1 << 20, beforeCleanup } = options;
  const child = await spawn(plan, {
    stdio: [input.length ? 'pipe' : 'null', 'pipe', 'pipe'],
    ...(beforeCleanup && { beforeCleanup }),
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  child.stdin?.end(input);
  try {
    const [stdout, stderr, exit] = await Promise.all([
      collect(child.stdout!, maxOutput),
      collect(child.stderr!, maxOutput),
      child.exited,
    ]);
    return { exit, stdout, stderr, timedOut };
  } finally {
    clearTimeout(timer);
  }
}
