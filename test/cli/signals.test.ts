import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Runs a command that says when it is ready, sends us its signals one after the other, and tells how it ended. */
async function signalled(
  args: string[],
  signals: NodeJS.Signals[],
): Promise<{ status: number | null; output: string }> {
  const child = spawn(process.execPath, [main, 'run', '--platform', 'none', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  while (!output.includes('ready')) await once(child.stdout, 'data');
  // The shell that said so may be about to become another program, which no longer has its handlers.
  await setTimeout(300);
  for (const signal of signals) {
    child.kill(signal);
    if (signal !== signals.at(-1)) await once(child.stdout, 'data');
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output };
}
const sh = (script: string): string[] => ['--', 'sh', '-c', script];
const WAIT = 'echo ready; while :; do sleep 0.05; done';

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends a pid 1 that has arranged nothing',
  async (signal) => {
    const { status, output } = await signalled(sh('echo ready; exec sleep 30'), [signal]);
    expect(output).toBe(`ready\nring3: ended by ${signal}\n`);
    expect(status).toBe(128 + { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 }[signal]);
  },
);

it('a handler gets the signal, as often as it is sent', async () => {
  const script = `trap 'echo heard' USR1; trap 'echo bye; exit 5' TERM; ${WAIT}`;
  for (const init of [[], ['--init']]) {
    const { status, output } = await signalled([...init, ...sh(script)], ['SIGUSR1', 'SIGUSR1', 'SIGTERM']);
    expect(output).toBe('ready\nheard\nheard\nbye\n');
    expect(status).toBe(5);
  }
});

it('behind an init a signal does what it does to any process', async () => {
  const { status, output } = await signalled(['--init', ...sh(WAIT)], ['SIGTERM']);
  expect(output).toBe('ready\nring3: ended by SIGTERM\n');
  expect(status).toBe(143);
});
