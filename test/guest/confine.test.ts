/** What the kernel's own process can still do: once for JavaScript, once for native code inside it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { addon } from '../../src/linux/addon.ts';
import { inside } from './support/run.ts';

const folder = mkdtempSync('/var/tmp/ring3-confine-');
afterAll(() => rmSync(folder, { recursive: true }));

function nativeAttempts(): string {
  const source = fileURLToPath(new URL('./support/native-attempts.c', import.meta.url));
  const library = join(folder, 'attempts.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-o', library, source]);
  return library;
}

test.each(['rewrite', 'trap', 'notify'] as const)(
  'a hostile row cannot start, connect to, signal or write anything (%s)',
  { timeout: 60_000 },
  async (platform) => {
    const run = await inside(
      { argv: ['python3', '-c', 'import os; print(os.getppid())'], platform, kernel: 'attacking' },
      { RING3_NATIVE_ATTEMPTS: nativeAttempts() },
    );
    const lines = run.stdout.trim().split('\n');
    expect(lines.pop()).toBe('1');
    const { worker, ...results } = JSON.parse(lines.pop()!) as Record<string, string>;
    expect(worker).toMatch(/^(ERR_WORKER_INIT_FAILED|EPERM)$/);
    expect(Object.entries(results).filter(([, code]) => code !== 'EPERM')).toEqual([]);
    expect(Object.keys(results).length).toBeGreaterThan(15);
    // An io_uring that existed before the filter is told apart: whatever it is asked, it refuses.
    expect(lines.filter((line) => line !== 'native: ring')).toEqual([
      expect.stringMatching(/^native: (\d+) of \1 refused$/),
    ]);
    expect(existsSync('/var/tmp/ring3-should-not-be')).toBe(false);
    expect(run).toMatchObject({ status: 0, stderr: '' });
  },
);

test('what the guest may write to is all that can be written', { timeout: 60_000 }, async () => {
  const shared = join(folder, 'shared');
  mkdirSync(shared);
  const script =
    'cd /data && echo hi >f && mkdir d && mv f d/g && ln -s g d/l && chmod 600 d/g && cat d/l && rm d/l';
  const ran = await inside({
    argv: ['sh', '-c', script],
    platform: 'rewrite',
    binds: [{ source: shared, target: '/data', readOnly: false }],
  });
  expect(ran).toEqual({ status: 0, stdout: 'hi\n', stderr: '' });
  expect(readFileSync(join(shared, 'd/g'), 'latin1')).toBe('hi\n');
});

test.skipIf(addon().landlockVersion() === 0)(
  'Landlock holds a row to the folder that the guest may write to',
  { timeout: 60_000 },
  async () => {
    const shared = join(folder, 'given');
    const other = join(folder, 'other');
    mkdirSync(shared);
    writeFileSync(other, 'as it was');
    const run = await inside(
      {
        argv: ['python3', '-c', 'import os; print(os.getppid())'],
        platform: 'rewrite',
        kernel: 'writing',
        binds: [{ source: shared, target: '/data', readOnly: false }],
      },
      { RING3_WRITE: `${join(shared, 'new')}:${other}:${join(folder, 'beside')}` },
    );
    expect(run.stdout.trim().split('\n')).toEqual(['written', 'EACCES', 'EACCES', '1']);
    expect(readFileSync(other, 'latin1')).toBe('as it was');
  },
);

test('programs of all kinds run under a confined kernel', { timeout: 60_000 }, async () => {
  const script = `
    ls -R /etc | sort | wc -l >/tmp/lines && test -s /tmp/lines
    python3 -c 'import threading, subprocess, time
t = threading.Thread(target=time.sleep, args=(0.01,)); t.start(); t.join()
print(subprocess.check_output(["echo", "sub"]).decode(), end="")'
    (sleep 0.1; echo late) | cat; wait; head -c 8000000 /dev/zero | wc -c`;
  const run = await inside({ argv: ['bash', '-c', script], platform: 'rewrite' });
  expect(run).toEqual({ status: 0, stdout: 'sub\nlate\n8000000\n', stderr: '' });
});
