import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const hasStub = process.arch === 'x64';
const TIME_LIMIT = 30_000;

/** Answers of the keyboard: what is typed once the screen shows something. */
type Typed = readonly (readonly [shown: string, keys: string])[];

/** A command under the kernel, on a terminal that script(1) makes. */
function onTerminal(command: string, typed: Typed): Promise<{ status: number | null; screen: string }> {
  const line = `stty rows 33 columns 99; ${process.execPath} ${main} run --platform rewrite -- sh -c '${command}'`;
  const child = spawn('script', ['-qefc', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let screen = '';
  let seen = 0;
  const left = [...typed];
  child.stdout.on('data', (data) => {
    screen += String(data);
    const [next] = left;
    if (!next || !screen.slice(seen).includes(next[0])) return;
    seen = screen.length;
    left.shift();
    child.stdin.write(next[1]);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, screen: screen.replaceAll('\r', '') }));
  });
}

describe.skipIf(!hasStub)('ring3 run on a terminal', () => {
  test('gives the guest a terminal with lines, echo and size', { timeout: TIME_LIMIT }, async () => {
    const { status, screen } = await onTerminal('tty; stty size; read line; echo "got $line"; exit 4', [
      ['33 99', 'one\x7f\x7f\x7ftwo\n'],
    ]);
    expect(status).toBe(4);
    expect(screen).toContain('/dev/console\n33 99\n');
    expect(screen).toContain('got two\n');
  });

  test('sends the keyboard’s signals to the foreground', { timeout: TIME_LIMIT }, async () => {
    const script = 'trap "echo interrupted; exit 6" INT; echo ready; while :; do sleep 0.05; done';
    const { status, screen } = await onTerminal(script, [['ready', '\x03']]);
    expect(status).toBe(6);
    expect(screen).toContain('^C');
    expect(screen).toContain('interrupted\n');
  });
});
