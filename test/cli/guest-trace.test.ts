import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { program } from '../support/programs.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const hasStub = process.arch === 'x64';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ring3-trace-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(
  options: string[],
  command: string[],
): { status: number | null; stdout: string; stderr: string } {
  const argv = [main, 'run', '--platform', 'rewrite', ...options, '--', ...command];
  return spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: 30_000 });
}

/** What happens between the two calls of getppid, without what differs from run to run. */
function known(trace: string): string[] {
  const lines = trace.split('\n').map((line) =>
    line
      .replace(/^(\[pid +\d+\] |\d+ +)/, '')
      .replaceAll(/0x[0-9a-f]{6,}/g, 'ADDRESS')
      .replace(/\s+= /, ' = ')
      .replace(/^((getp?pid|<\.\.\. vfork).*) = \d+$/, '$1 = PID')
      .replace(/^(kill|wait4)\(\d+/, '$1(PID')
      .replace(/^(wait4.*) = \d+$/, '$1 = PID')
      .replace(/si_pid=\d+, si_uid=\d+/, 'si_pid=PID, si_uid=UID'),
  );
  const [from, to] = [lines.findIndex(isMark), lines.findLastIndex(isMark)];
  return lines.slice(from, to).filter((line) => !line.startsWith('+++'));
}

const isMark = (line: string): boolean => line.startsWith('getppid()');

describe.skipIf(!hasStub)('ring3 run --trace', () => {
  test('says what strace says', (context) => {
    const real = join(folder, 'strace');
    const guest = program('traced');
    const strace = spawnSync('strace', ['-f', '-o', real, guest], { timeout: 30_000 });
    if (strace.status !== 0) context.skip('needs strace, and leave to trace');
    const ours = join(folder, 'ours');
    expect(run([`--trace=${ours}`], [guest])).toMatchObject({ status: 0, stderr: '' });
    const expected = known(readFileSync(real, 'utf8'));
    expect(expected.length).toBeGreaterThan(50);
    expect(known(readFileSync(ours, 'utf8'))).toEqual(expected);
  });

  test('tells of exec, of several tasks, and of their ends', () => {
    const { status, stdout, stderr } = run(['--trace'], ['sh', '-c', '/bin/echo a | cat; kill -TERM $$']);
    expect({ status, stdout }).toEqual({ status: 143, stdout: 'a\n' });
    const lines = stderr.split('\n').map((line) => line.replace(/\s+= /, ' = '));
    expect(lines[0]).toMatch(
      /^execve\("\/\S+\/sh", \["sh", "-c", "\/bin\/echo a \| cat; kill -TERM \$\$"], /,
    );
    const text = lines.join('\n');
    expect(text).toMatch(
      /^\[pid +\d\] execve\("\/bin\/echo", \["\/bin\/echo", "a"\], 0x\w+ \/\* \d vars \*\/\) = 0$/m,
    );
    expect(text).toMatch(/^\[pid +\d\] write\(1, "a\\n", 2\) = 2$/m);
    expect(text).toMatch(/^\[pid +\d\] exit_group\(0\) = \?$/m);
    expect(text).toMatch(/^\[pid +\d\] \+\+\+ exited with 0 \+\+\+$/m);
    expect(text).toMatch(/^--- SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=1, si_uid=0} ---$/m);
    expect(text).toMatch(/^\+\+\+ killed by SIGTERM \+\+\+$/m);
    expect(lines.at(-2)).toBe('ring3: ended by SIGTERM');
  });

  test('a file that cannot be written is one line', () => {
    const { status, stderr } = run(['--trace=/no/such/file'], ['true']);
    expect({ status, stderr }).toEqual({
      status: 125,
      stderr: 'ring3: --trace=/no/such/file: it cannot be written (ENOENT).\n',
    });
  });
});
