import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { execute } from '../../src/confine/execute.ts';
import type { StepInput } from '../../src/confine/plan.ts';
import { parsePlan, PlanError, spawn } from '../../src/confine/spawn.ts';
import { NAMESPACES } from '../../src/linux/namespaces.ts';
import { hostIdMaps, becomeRoot } from '../../src/confine/idmaps.ts';

const sh = (script: string): StepInput => ({
  step: 'exec',
  file: 'sh',
  argv: ['sh', '-c', script],
  env: ['PATH=/usr/bin:/bin'],
  search: ['/usr/bin', '/bin'],
});
const own = (...types: (typeof NAMESPACES)[number][]): StepInput[] => {
  const maps = hostIdMaps();
  return [{ step: 'namespaces', types: ['user', ...types] }, maps.step, ...becomeRoot(maps)];
};
const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

describe('a plain child', () => {
  it('hands on input, output, errors and status', async () => {
    const done = await execute([sh('read line; echo "got $line"; echo oops >&2; exit 7')], {
      input: 'word\n',
    });
    expect(done).toMatchObject({ stdout: 'got word\n', stderr: 'oops\n', exit: { code: 7, signal: null } });
  });

  it('reports the signal that ended it', async () => {
    const { exit } = await execute([sh('kill -TERM $$')]);
    expect(exit).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  it('is killed when its time is over', async () => {
    const { exit, timedOut } = await execute([sh('sleep 60')], { timeoutMs: 200 });
    expect({ signal: exit.signal, timedOut }).toEqual({ signal: 'SIGKILL', timedOut: true });
  });

  it('has only the three standard descriptors', async () => {
    const { stdout } = await execute([sh('ls /proc/self/fd')]);
    // The fourth is that of the folder which ls reads.
    expect(stdout.trim().split('\n')).toEqual(['0', '1', '2', '3']);
  });

  it('starts with no signal blocked or ignored', async () => {
    const { stdout } = await execute([sh('grep -E "Sig(Blk|Ign)" /proc/self/status')]);
    expect(stdout).toBe('SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n');
  });

  it('takes what it has left behind with it', async () => {
    const { stdout } = await execute([sh('setsid sleep 61 >/dev/null 2>&1 & echo $!')]);
    expect(() => readFileSync(`/proc/${stdout.trim()}/stat`)).toThrow();
  });

  it('leaves no descriptor open in us', async () => {
    await execute([sh('true')]);
    const before = openDescriptors();
    for (let i = 0; i < 5; i++) await execute([sh('true')]);
    await expect(execute([{ step: 'chroot', path: '/no/such' }, sh('true')])).rejects.toThrow(/ENOENT/);
    await vi.waitFor(() => expect(openDescriptors()).toBeLessThanOrEqual(before));
  });
});

describe('namespaces', () => {
  it.each(NAMESPACES.filter((type) => type !== 'user'))('%s: the child gets one of its own', async (type) => {
    const child = await spawn([...own(type), sh('sleep 60')], { stdio: ['null', 'null', 'null'] });
    try {
      expect(readlinkSync(`/proc/${child.pid}/ns/${type}`)).not.toBe(readlinkSync(`/proc/self/ns/${type}`));
      expect(readlinkSync(`/proc/${child.pid}/ns/user`)).not.toBe(readlinkSync('/proc/self/ns/user'));
    } finally {
      child.kill('SIGKILL');
      await child.exited;
    }
  });

  it('the command is pid 1, or pid 2 behind an init that reaps, forwards and ends with it', async () => {
    expect((await execute([...own('pid'), sh('echo $$')])).stdout).toBe('1\n');
    const world: StepInput[] = [...own('pid', 'mnt'), { step: 'mount', type: 'proc', target: '/proc' }];
    const orphan = '(sleep 0.1 & exec true); sleep 0.3; echo $$; ls /proc | grep -c "^[0-9]"';
    // init, sh, and the ls and grep of the pipe: the orphan has been reaped.
    expect((await execute([...world, { step: 'init' }, sh(orphan)])).stdout).toBe('2\n4\n');
    const child = await spawn([
      ...own('pid'),
      { step: 'init' },
      sh('trap "exit 9" USR1; while :; do sleep 0.05; done'),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    child.kill('SIGUSR1');
    expect(await child.exited).toMatchObject({ code: 9 });
  });

  it('a killed pid 1 takes its namespace with it', async () => {
    const child = await spawn([...own('pid'), { step: 'init' }, sh('sleep 62 & sleep 62')]);
    child.kill('SIGKILL');
    expect(await child.exited).toMatchObject({ signal: 'SIGKILL' });
  });
});

describe('the order of a plan', () => {
  it('what needs no ids may stand above `idMap`', async () => {
    const [namespaces, maps, ...rest] = own('uts');
    const hostname: StepInput = { step: 'hostname', name: 'early' };
    const { stdout } = await execute([namespaces!, hostname, maps!, ...rest, sh('hostname')]);
    expect(stdout).toBe('early\n');
  });

  it('what needs ids fails above `idMap`, however long the maps are in coming', async () => {
    const [namespaces, maps, ...rest] = own();
    const plan: StepInput[] = [namespaces!, { step: 'gid', gid: 0 }, maps!, ...rest, sh('true')];
    const tries = await Promise.all(Array.from({ length: 20 }, () => execute(plan).catch((error) => error)));
    for (const error of tries) expect(error).toMatchObject({ index: 1, step: 'gid', code: 'EINVAL' });
  });

  it('modes are those of the plan, and the umask is for the command', async () => {
    const before = process.umask(0o077);
    try {
      const { stdout } = await execute([
        ...own('mnt'),
        { step: 'mount', type: 'tmpfs', target: '/mnt' },
        { step: 'directory', path: '/mnt/open/inner', mode: 0o1777 },
        { step: 'directory', path: '/mnt/group', mode: 0o2775 },
        sh('stat -c %a /mnt/open /mnt/open/inner /mnt/group; umask'),
      ]);
      expect(stdout).toBe('755\n1777\n2775\n0077\n');
    } finally {
      process.umask(before);
    }
  });
});

describe('a step that fails', () => {
  it('names itself, its errno and its path, and says what to do', async () => {
    const failing = execute([...own('mnt'), { step: 'pivotRoot', root: '/usr' }, sh('true')]);
    await expect(failing).rejects.toMatchObject({ step: 'pivotRoot', code: 'EINVAL', path: '/usr' });
    await expect(failing).rejects.toThrow(/must be a mount point/);
  });

  it('an unknown command is ENOENT of the exec', async () => {
    const exec: StepInput = {
      step: 'exec',
      file: 'no-such',
      argv: ['no-such'],
      env: [],
      search: ['/bin', '/nowhere'],
    };
    await expect(execute([exec])).rejects.toMatchObject({ step: 'exec', code: 'ENOENT', path: 'no-such' });
  });

  it('a missing bind source is found before anything has changed, and an optional one is left out', async () => {
    const bind: StepInput = { step: 'bind', source: '/no/such', target: '/mnt' };
    await expect(execute([...own('mnt'), bind, sh('true')])).rejects.toMatchObject({
      step: 'bind',
      code: 'ENOENT',
    });
    const { exit } = await execute([...own('mnt'), { ...bind, optional: true }, sh('true')]);
    expect(exit.code).toBe(0);
  });
});

describe('a plan that is none', () => {
  it.each([
    [[], /must end with an `exec`/],
    [[{ step: 'fly' }], /Step 0/],
    [[{ step: 'hostname', name: 'a\0b' }], /NUL/],
    [[{ step: 'umask', mask: 0o1000 }], /Step 0 \(mask\)/],
    [[{ step: 'sysctl', path: '/proc/sys/kernel/panic', value: '1' }, sh('true')], /Step 0 \(sysctl\) needs/],
    ['exec', /The plan/],
  ])('%j is refused with one line', (plan, message) => {
    expect(() => parsePlan(plan)).toThrow(PlanError);
    expect(() => parsePlan(plan)).toThrow(message);
  });
});

describe('the timeline', () => {
  it('has a time for each step', async () => {
    const child = await spawn([...own('uts'), { step: 'hostname', name: 'timed' }, sh('true')]);
    await child.exited;
    const steps = child.timeline.map(({ step }) => step);
    expect(steps).toEqual(expect.arrayContaining(['clone', 'idMap', 'hostname', 'exec']));
    expect(child.timeline.every(({ microseconds }) => microseconds >= 0 && microseconds < 1e6)).toBe(true);
  });
});
