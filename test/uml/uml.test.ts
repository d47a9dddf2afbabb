import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test, type TestContext } from 'vitest';
import { runInUml, umlProblem } from './uml.ts';

function needsUml(context: TestContext): void {
  const problem = umlProblem();
  if (problem) context.skip(`needs user-mode-linux: ${problem}`);
}

/** Processes of a session, other than those that only wait to be reaped. */
function sessionOf(leader: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        const [state, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return Number(session) === leader && state !== 'Z';
      } catch {
        return false;
      }
    });
}

test('a command under another kernel: its output, its errors, its file, its status', async (context) => {
  needsUml(context);
  const script = `uname -r; tty; echo "it's $WORD" >&2; echo left >$RING3_RESULT; touch /etc/x || exit 7`;
  const ran = await runInUml(['sh', '-c', script], { env: { WORD: 'a "b" $c' } });
  expect(ran).toMatchObject({ status: 7, file: 'left\n', timedOut: false });
  const [release, tty] = ran.stdout.split('\n');
  expect(release).not.toBe(readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim());
  expect(tty).toBe('not a tty');
  expect(ran.stderr).toMatch(/^it's a "b" \$c\n.*Read-only file system\n$/s);
  expect(sessionOf(ran.pid)).toEqual([]);
  expect(existsSync('/etc/x')).toBe(false);
});

test('who does not end is ended, and nothing of it stays', async (context) => {
  needsUml(context);
  const ran = await runInUml(['sh', '-c', 'sleep 60 & sleep 60'], { timeoutMs: 3000, cgroups: 'none' });
  expect(ran).toMatchObject({ timedOut: true, status: undefined });
  await expect.poll(() => sessionOf(ran.pid)).toEqual([]);
});

test('where it is not installed, one line says how to get it', () => {
  if (process.arch === 'x64') expect(umlProblem('/nowhere')).toMatch(/apt-get install .*user-mode-linux$/);
  else expect(umlProblem()).toMatch(/x86-64 only/);
});
