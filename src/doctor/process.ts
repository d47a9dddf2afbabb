/** Running a program that may hang or crash, and hearing how it ended. */
import { spawn } from 'node:child_process';

/** Characters kept of each stream. */
const MAX_OUTPUT = 16 * 1024;

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
  /** For people. */
  how: string;
  /** It could not be started. */
  error?: NodeJS.ErrnoException;
}

/**
 * Never rejects. The program has a process group of its own, which is killed as a whole when `signal` aborts;
 * then, or when it ends, the promise resolves.
 */
export function run(file: string, args: readonly string[], signal: AbortSignal, input = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const output = { stdout: '', stderr: '' };
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const stop = () => {
      killGroup(child.pid);
      end({ status: null, how: 'took too long' });
    };
    const end = (ended: Omit<Ended, 'stdout' | 'stderr'>) => {
      signal.removeEventListener('abort', stop);
      resolve({ ...ended, ...output });
    };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] = (output[name] + text).slice(0, MAX_OUTPUT);
      });
    }
    child.stdin.on('error', () => {}); // It may end without reading.
    child.stdin.end(input);
    child.on('error', (error) => end({ status: null, how: 'not started', error }));
    child.on('close', (status, killer) => {
      end({ status, how: killer ? `killed by ${killer}` : `exit status ${status}` });
    });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
