import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeTable } from '../../src/kernel/syscalls/table.ts';
import { hostArchitecture } from '../../src/linux/architectures.ts';
import { asOrdinary, isRoot, ordinaryNamespaces, project } from '../support/ordinary.ts';
import { program } from '../support/programs.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const hasStub = process.arch === 'x64';
/** What uname(2) says of our kernel. */
const OURS = '6.1.0';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ring3-guest-'));
  chmodSync(folder, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  status: number | null;
  stdout: string;
  stderr: string;
}

function ring3(args: string[], options: { cwd?: string; input?: string } = {}): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    timeout: 30_000,
    input: '',
    ...options,
  });
  return { status, stdout, stderr };
}

const run = (...args: string[]): Result => ring3(['run', '--platform', 'rewrite', ...args]);
const sh = (script: string): string[] => ['--', 'sh', '-c', script];

describe.skipIf(!hasStub)('ring3 run under the userspace kernel', () => {
  it('passes streams and status through', () => {
    const args = ['run', '--platform', 'rewrite', ...sh('cat; echo oops >&2; exit 42')];
    expect(ring3(args, { input: 'in\n' })).toEqual({ status: 42, stdout: 'in\n', stderr: 'oops\n' });
  });

  it.each(['trap', 'notify', 'ptrace', 'best'])('the same under %s', (platform) => {
    const { status, stdout } = ring3(['run', '--platform', platform, ...sh('echo a | cat; exit 3')]);
    expect({ status, stdout }).toEqual({ status: 3, stdout: 'a\n' });
  });

  it('is what is taken unless told, or where an option is for the kernel of the host', () => {
    const releases = [[], ['--init'], ['--cap-drop', 'ALL']].map((options) => {
      return ring3(['run', ...options, '--', 'uname', '-r']).stdout.trim();
    });
    expect(releases).toEqual([OURS, release(), release()]);
    expect(ring3(['run', '--platform', 'rewrite', '--init', '--', 'true']).stderr).toContain(
      '--platform none',
    );
  });

  it('adds 128 to the signal that killed it, and says which', () => {
    expect(run(...sh('kill -SEGV $$'))).toMatchObject({ status: 139, stderr: 'ring3: ended by SIGSEGV\n' });
  });

  it('has a host name, an environment, a folder and ids of its own', () => {
    const options = ['--hostname', 'inside', '--env', 'A=1', '--workdir', '/usr', '--user', '7:8'];
    const { stdout } = run(...options, ...sh('uname -n; pwd; id -u; id -g; env | sort; echo $$'));
    const [name, place, uid, gid, ...rest] = stdout.trim().split('\n');
    expect([name, place, uid, gid, rest.at(-1)]).toEqual(['inside', '/usr', '7', '8', '1']);
    expect(rest).toContain('A=1');
    expect(rest.some((line) => line.startsWith('SSH') || line.startsWith('USER='))).toBe(false);
  });

  it('sees neither homes nor running services, and what it writes is gone with it', () => {
    const { stdout } = run(...sh('ls -A /home /root /run; echo x > /usr/new && cat /usr/new; ls /tmp'));
    expect(stdout).toBe('/home:\n\n/root:\n\n/run:\nx\n');
    expect(run(...sh('ls /usr/new')).status).not.toBe(0);
  });

  it('a folder of the host becomes the root, or is bound into it', () => {
    const root = join(folder, 'root');
    mkdirSync(root);
    writeFileSync(join(folder, 'seen'), 'seen\n');

    writeFileSync(join(root, 'program'), readFileSync(program('traced')), { mode: 0o755 });
    expect(run('--rootfs', root, '--', '/program', 'x').status).toBe(0);
    const bound = run('--bind', `${folder}:/data:ro`, ...sh('cat /data/seen; echo y > /data/seen'));
    expect(bound.stdout).toBe('seen\n');
    expect(bound.stderr).toMatch(/Read-only file system/);
    run('--bind', `${folder}:/data`, ...sh('echo new > /data/seen'));
    expect(readFileSync(join(folder, 'seen'), 'utf8')).toBe('new\n');
  });

  it('ends it after its time, and for too much memory', () => {
    expect(run('--timeout', '0.3', '--', 'sleep', '30')).toMatchObject({
      status: 137,
      stderr: 'ring3: timed out after 0.3 s\n',
    });
    const hungry = run('--memory', '64M', '--', program('hog'), '200');
    expect(hungry.status).toBe(137);
    expect(hungry.stderr).toMatch(
      /^ring3: out of memory \(limit 64.0 MiB, peak \d+\.\d MiB\): give more with --memory$/m,
    );
  });

  it('says how many forks a limit on processes has refused', () => {
    const { stderr } = run('--pids', '3', ...sh('for i in 1 2 3 4 5; do sleep 0.2 & done; wait'));
    expect(stderr).toMatch(/^ring3: \d+ forks refused by --pids 3$/m);
  });

  it('says what it called, how long that took, and what was patched', () => {
    const { status, stderr } = run('--stats', '--json', ...sh('exit 3'));
    const told = JSON.parse(stderr) as {
      calls: { name: string; count: number; patched: number; time: number }[];
      [key: string]: unknown;
    };
    expect({ status, told: told.status, platform: told.platform }).toEqual({
      status: 3,
      told: 3,
      platform: 'rewrite',
    });
    const mmap = told.calls.find(({ name }) => name === 'mmap')!;
    expect(mmap.count).toBeGreaterThan(3);
    expect(mmap.patched).toBeLessThanOrEqual(mmap.count);
    expect(told.patchedShare).toBeGreaterThan(0);
    expect(run('--stats', '--', 'true').stderr).toMatch(/^ {2}mmap +\d+ +[\d.]+ +[\d.]+ +[\d.]+ %$/m);
  });

  it('names calls that it does not have once', () => {
    const { status, stderr } = run('--verbose', '--', program('traced'), 'unknown');
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: 'ring3: traced calls system call 500, which the kernel does not have (ENOSYS)\n',
    });
  });

  it('lets the rows of an exercise take the place of its own', () => {
    const file = join(folder, 'exercise.ts');
    writeFileSync(file, 'const ppid: number = 4711;\nexport const mine = { getppid: () => ppid };\n');
    expect(run('--with', file, ...sh('echo $PPID')).stdout).toBe('4711\n');
    writeFileSync(file, 'export default { nocall: () => 1 };\n');
    expect(run('--with', file, '--', 'true')).toMatchObject({
      status: 125,
      stderr: expect.stringContaining('nocall is no system call') as string,
    });
  });

  it('prints the plan of the stub’s world', () => {
    const { stdout } = run('--plan', '--json', '--', 'true');
    const steps = (JSON.parse(stdout) as { step: string }[]).map(({ step }) => step);
    expect(steps[0]).toBe('namespaces');
    expect(steps.at(-1)).toBe('exec');
  });

  it.each([
    [['--net', 'host'], /--net host.*--platform none/],
    [['--cpus', '1'], /--cpus.*--platform none/],
    [['--cap-drop', 'ALL'], /--cap-drop.*--platform none/],
    [['--seccomp', 'none'], /--seccomp.*--platform none/],
    [['--init'], /--init.*--platform none/],
    [['--workdir', '/no/such'], /\/no\/such/],
    [['--with', '/no/such'], /--with \/no\/such: there is no such file/],
    [['--memory', 'much'], /--memory much is no size/],
  ])('%j is one clear line and status 125', (args, message) => {
    const { status, stdout, stderr } = run(...args, '--', 'true');
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
  });

  it('a command that is not there is 127, one that is no program 126', () => {
    expect(run('--', 'no-such-command').status).toBe(127);
    expect(run('--', '/etc/passwd').status).toBe(126);
  });

  it('hands our signals to the guest, and ends when it is asked twice', async () => {
    expect(
      await signalled('trap "echo bye; exit 5" INT; echo ready; while :; do sleep 0.05; done', 'SIGINT'),
    ).toEqual({
      status: 5,
      output: 'ready\nbye\n',
    });
    const deaf = 'trap "" TERM; echo ready; while :; do sleep 0.05; done';
    expect(await signalled(deaf, 'SIGTERM', 'SIGTERM')).toEqual({
      status: 137,
      output: 'ready\nring3: ended by SIGKILL\n',
    });
  });
});

/** Runs a script that says when it is ready, sends us the signals, and tells how it ended. */
async function signalled(
  script: string,
  ...signals: NodeJS.Signals[]
): Promise<{ status: number; output: string }> {
  // Standard input stays open: a read of it must not keep ring3 from ending.
  const child = spawn(process.execPath, [main, 'run', '--platform', 'rewrite', ...sh(script)]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit') as Promise<[number]>;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  while (!output.includes('ready')) await once(child.stdout, 'data');
  for (const signal of signals) {
    child.kill(signal);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const [status] = await ended;
  return { status, output };
}

describe.skipIf(!hasStub || !isRoot)('ring3 run under the userspace kernel, as an ordinary user', () => {
  it('does the same', async (context) => {
    if (!(await ordinaryNamespaces())) context.skip('needs user namespaces for ordinary users');
    const argv = [process.execPath, `${project}/dist/cli/main.js`, 'run', '--platform', 'rewrite', '--'];
    const script = 'id -u; echo $$; ls -A /root; echo x > /usr/new; cat /usr/new; head -c 5 /etc/passwd';
    const { exit, stdout, stderr } = await asOrdinary([...argv, 'sh', '-c', script]);
    expect({ code: exit.code, stdout, stderr }).toEqual({ code: 0, stdout: '0\n1\nx\nroot:', stderr: '' });
  });
});

describe('ring3 syscalls', () => {
  it('lists what the table has', () => {
    const { rows } = makeTable(hostArchitecture());
    const told = JSON.parse(ring3(['syscalls', '--json']).stdout) as {
      number: number;
      name: string;
      support: string;
    }[];
    expect(told.map(({ number, name, support }) => ({ number, name, support }))).toEqual(
      rows.map(({ number, name, support }) => ({ number, name, support })),
    );
    const text = ring3(['syscalls']).stdout;
    expect(text).toMatch(/^ +0 {2}read +supported$/m);
    expect(text.trim().split('\n')).toHaveLength(rows.length + 1);
  });

  it('says why, where a call is not simply there', () => {
    const silent = makeTable(hostArchitecture()).rows.filter(
      ({ support, note }) => support !== 'supported' && !note,
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});
