/**
 * Random calls from a guest (native/programs/fuzz.c), watched from outside: the kernel must neither report a mistake of its
 * own, nor end, nor fall silent.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { PlatformName } from '../../../src/platform/platform.ts';
import { program } from '../../support/programs.ts';

export interface FuzzSpec {
  calls: number;
  seed: number;
  platform: PlatformName;
  /** Only calls of these names. */
  only?: readonly string[];
  /** The kernel has hung when nothing has been said for so many milliseconds. */
  patience?: number;
  /** Told each line of progress. */
  progress?: (line: string) => void;
}

export interface FuzzResult {
  /** What went wrong; empty: nothing. */
  faults: string[];
  lastLine: string;
}

const MAIN = fileURLToPath(new URL('../../../dist/bundle/main.js', import.meta.url));
/** As many bytes as all guests may have: running out of memory is part of it. */
const MEMORY = '256M';
const PATIENCE = 90_000;

/** Needs the built project. */
export function fuzz(spec: FuzzSpec): Promise<FuzzResult> {
  const { calls, seed, platform, only = [], patience = PATIENCE, progress } = spec;
  const command = [program('fuzz'), String(seed), String(calls), ...only];
  const child = spawn(
    process.execPath,
    [MAIN, 'run', '--platform', platform, '--memory', MEMORY, '--', ...command],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  // Fuzzing guests are deaf to signals that ask: whoever stops us would leave one behind.
  const endIt = () => child.kill('SIGKILL');
  process.once('exit', endIt);
  const faults: string[] = [];
  let lastLine = '';
  const silence = setTimeout(() => {
    faults.push(`nothing was heard for ${patience} ms; the last was: ${lastLine}`);
    child.kill('SIGKILL');
  }, patience);
  eachLine(child.stdout, (line) => {
    lastLine = line;
    silence.refresh();
    progress?.(line);
  });
  eachLine(child.stderr, (line) => {
    // Guests may break their stubs, and a limit is there to be met; the rest is a mistake of the kernel's.
    if (!/^ring3: the host process of task \d+ \(.*\) is gone/.test(line)) faults.push(line);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      clearTimeout(silence);
      process.off('exit', endIt);
      if (status !== 0) faults.push(`ended with ${status ?? signal}`);
      else if (!lastLine.startsWith('done')) faults.push(`ended early: ${lastLine}`);
      resolve({ faults, lastLine });
    });
  });
}

function eachLine(stream: NodeJS.ReadableStream, tell: (line: string) => void): void {
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop()!;
    lines.forEach(tell);
  });
  stream.on('close', () => rest && tell(rest));
}
