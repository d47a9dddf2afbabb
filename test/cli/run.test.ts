import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asOrdinary, isRoot, ordinaryNamespaces, project } from '../support/ordinary.ts';
import { program } from '../support/programs.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

interface Result {
  status: number;
  stdout: string;
  stderr: string;
}

function ring3(args: string[], options: { cwd?: string; input?: string } = {}): Promise<Result> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [main, ...args],
      { timeout: 20_000, ...options },
      (error, stdout, stderr) => resolve({ status: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
    );
    child.stdin!.end(options.input ?? '');
  });
}
const run = (...args: string[]): Promise<Result> => ring3(['run', '--platform', 'none', ...args]);

const WORLD =
  'echo $$; hostname; cat /proc/self/uid_map; ls /proc | grep -c "^[0-9]"; ip link 2>/dev/null || cat /proc/net/dev';

function expectOwnWorld(stdout: string): void {
  const [pid, hostname, map, ...rest] = stdout.trim().split('\n');
  expect({ pid, hostname }).toEqual({ pid: '1', hostname: 'ring3' });
  expect(map).toMatch(/^\s*0\s+\d+\s+\d+$/);
  expect(map).not.toMatch(/4294967295/);
  const interfaces = rest.join('\n').matchAll(/^\s*(?:\d+: )?(\w+):/gm);
  expect([...interfaces].map(([, name]) => name)).toEqual(['lo']);
  // sh, ls and grep.
  expect(rest.find((line) => /^\d+$/.test(line))).toBe('3');
}

describe('ring3 run, as whoever runs the tests', () => {
  it('gives the command a world of its own', async () => {
    const { status, stdout, stderr } = await run('--', 'sh', '-c', WORLD);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expectOwnWorld(stdout);
  });

  it('passes streams and status through', async () => {
    expect(
      await ring3(['run', '--platform', 'none', '--', 'sh', '-c', 'cat; echo oops >&2; exit 42'], {
        input: 'in\n',
      }),
    ).toEqual({
      status: 42,
      stdout: 'in\n',
      stderr: 'oops\n',
    });
  });

  it('adds 128 to the signal that killed it, and says which', async () => {
    const done = await run('--init', '--', 'sh', '-c', 'kill -TERM $$');
    expect(done).toMatchObject({ status: 143, stderr: 'ring3: ended by SIGTERM\n' });
  });

  it('ends a command after its time', async () => {
    const done = await run('--timeout', '0.3', '--', 'sleep', '30');
    expect(done).toMatchObject({ status: 137, stderr: 'ring3: timed out after 0.3 s\n' });
  });

  it('uses the options for host name, folder, variables and user', async () => {
    const script = 'hostname; pwd; echo $WORD; id -u; umask';
    const args = [
      '--hostname',
      'other',
      '--workdir',
      '/usr/lib',
      '--env',
      'WORD=x y',
      '--',
      'sh',
      '-c',
      script,
    ];
    expect((await run(...args)).stdout).toBe('other\n/usr/lib\nx y\n0\n0022\n');
  });

  it('hides homes and temporary files, and makes everything else unwritable for the host', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ring3-hidden-'));
    try {
      const script = `ls -A /home /tmp; test -e ${folder} && echo seen`;
      const { stdout } = await ring3(['run', '--platform', 'none', '--', 'sh', '-c', script], { cwd: '/' });
      expect(stdout).toBe('/home:\n\n/tmp:\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('shows the current folder, where what is written is kept from the host', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ring3-current-'));
    writeFileSync(join(folder, 'file'), 'old\n');
    try {
      const script = 'cat file; echo new > file; echo more > other; cat file; ls';
      const done = await ring3(['run', '--platform', 'none', '--', 'sh', '-c', script], { cwd: folder });
      expect(done.stdout).toBe('old\nnew\nfile\nother\n');
      expect(readdirSync(folder)).toEqual(['file']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('prints the plan and does nothing', async () => {
    const { stdout, status } = await run('--plan', '--json', '--', 'echo', 'never');
    const plan = JSON.parse(stdout) as { step: string }[];
    expect(status).toBe(0);
    expect(plan[0]!.step).toBe('namespaces');
    expect(plan.at(-1)).toMatchObject({ step: 'exec', argv: ['echo', 'never'] });
  });

  it('tells what was used, in words and as JSON', async () => {
    expect((await run('--stats', '--', 'true')).stderr).toMatch(/^used:\n[^]*wall [^]*pivotRoot[^]*together/);
    const { stderr } = await run('--json', '--', 'sh', '-c', 'exit 3');
    expect(JSON.parse(stderr)).toMatchObject({ status: 3, code: 3, signal: null, outOfMemory: false });
  });

  it('drops and adds capabilities', async () => {
    const effective = async (...args: string[]): Promise<string> =>
      /CapEff:\s*(\w+)/.exec((await run(...args, '--', 'grep', 'CapEff', '/proc/self/status')).stdout)![1]!;
    expect(await effective('--cap-drop', 'ALL')).toBe('0000000000000000');
    expect(await effective('--cap-drop', 'ALL', '--cap-add', 'NET_RAW')).toBe('0000000000002000');
    expect(Number.parseInt(await effective('--cap-drop', 'chown'), 16) & 1).toBe(0);
  });
});

describe('ring3 run with folders of ours', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ring3-run-'));
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data', 'file'), 'content\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('binds, writable or not', async () => {
    const data = join(folder, 'data');
    expect((await run('--bind', `${data}:/data:ro`, '--', 'cat', '/data/file')).stdout).toBe('content\n');
    const readOnly = await run('--bind', `${data}:/data:ro`, '--', 'sh', '-c', 'echo x > /data/file');
    expect(readOnly.status).not.toBe(0);
    expect(readOnly.stderr).toMatch(/Read-only file system/);
  });

  it('takes a folder as the root, and never writes to it', async () => {
    const rootfs = join(folder, 'rootfs');
    mkdirSync(join(rootfs, 'bin'), { recursive: true });
    // Only one static program: no shell, no libraries, and no mount points prepared.
    writeFileSync(join(rootfs, 'marker'), 'inside\n');
    const hog = program('hog');
    const { stdout, stderr, status } = await run(
      '--rootfs',
      rootfs,
      '--bind',
      `${hog}:/bin/hog:ro`,
      '--',
      '/bin/hog',
      '1',
    );
    expect({ stdout, stderr, status }).toEqual({ stdout: 'hog: holds 1 MiB\n', stderr: '', status: 0 });
    expect(readdirSync(rootfs).sort()).toEqual(['bin', 'marker']);
  });
});

describe('a user looked up in a hostile image', () => {
  it.each([
    ['a FIFO', (file: string) => void execFileSync('mkfifo', [file])],
    ['a device without end', (file: string) => symlinkSync('/dev/zero', file)],
    ["the host's own", (file: string) => symlinkSync('/etc/passwd', file)],
  ])('%s for /etc/passwd is refused at once', async (_, prepare) => {
    const rootfs = mkdtempSync(join(tmpdir(), 'ring3-image-'));
    try {
      mkdirSync(join(rootfs, 'etc'));
      prepare(join(rootfs, 'etc/passwd'));
      const { status, stderr } = await run('--rootfs', rootfs, '--user', 'daemon', '--', '/x');
      expect(stderr).toMatch(/^ring3: --user: /);
      expect(status).toBe(125);
    } finally {
      rmSync(rootfs, { recursive: true });
    }
  });
});

it('a filter that is a FIFO is refused at once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ring3-fifo-'));
  try {
    execFileSync('mkfifo', [join(folder, 'filter')]);
    const { status, stderr } = await run('--seccomp', join(folder, 'filter'), '--', 'true');
    expect({ status, stderr }).toMatchObject({
      status: 125,
      stderr: expect.stringContaining('no regular file'),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('a wrong word', () => {
  it.each([
    [['--memory', 'lots'], /--memory lots is no size/],
    [['--memory', '0'], /--memory 0 is no size/],
    [['--pids', '1.5'], /--pids 1.5/],
    [['--cpus', 'all'], /--cpus all/],
    [['--timeout', '-1'], /--timeout -1/],
    [['--bind', '/tmp'], /write SRC:DST/],
    [['--bind', '/no/such:/x'], /there is no such file or folder/],
    [['--bind', '/tmp:x'], /must be an absolute path/],
    [['--bind', '/tmp:/x:rx'], /rx is none of/],
    [['--rootfs', '/no/such'], /there is no such folder/],
    [['--rootfs', '/etc/passwd'], /is not a folder/],
    [['--workdir', 'here'], /must be an absolute path/],
    [['--workdir', '/no/such'], /workdir.*ENOENT/],
    [['--env', 'NO_SUCH_VARIABLE_HERE'], /you have no such variable/],
    [['--user', 'nobody-here'], /no such user/],
    [['--hostname', 'a b'], /--hostname a b/],
    [['--net', 'bridge'], /--net bridge/],
    [['--cap-add', 'FLY'], /FLY is no capability/],
    [['--platform', 'kvm'], /--platform kvm/],
    [['--seccomp', '/no/such'], /\/no\/such/],
  ])('%j is one clear line and status 125', async (args, message) => {
    const { status, stderr, stdout } = await run(...args, '--', 'true');
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
  });

  it('a command that is not there is 127, one that is no program 126', async () => {
    expect(await run('--', 'no-such-command')).toMatchObject({ status: 127 });
    expect(await run('--', '/etc/passwd')).toMatchObject({ status: 126 });
  });

  it('an unknown option and a missing command are usage errors', async () => {
    expect((await run('--no-such')).status).toBe(2);
    expect((await run()).status).toBe(2);
  });
});

describe.skipIf(!isRoot)('ring3 run, as an ordinary user made for the test', () => {
  it('gives the command a world of its own', async (context) => {
    if (!(await ordinaryNamespaces()))
      context.skip('needs user-namespace.unprivileged: unshare --user was refused');
    const argv = [
      process.execPath,
      `${project}/dist/cli/main.js`,
      'run',
      '--platform',
      'none',
      '--',
      'sh',
      '-c',
    ];
    const { exit, stdout, stderr } = await asOrdinary([...argv, WORLD]);
    expect({ code: exit.code, stderr }).toEqual({ code: 0, stderr: '' });
    expectOwnWorld(stdout.replace(/\n\s+1\s+\d+\s+65535\n/, '\n'));
  });
});
