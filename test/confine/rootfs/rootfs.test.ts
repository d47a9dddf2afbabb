import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { execute } from '../../../src/confine/execute.ts';
import { becomeRoot, hostIdMaps } from '../../../src/confine/idmaps.ts';
import type { StepInput } from '../../../src/confine/plan.ts';
import { MASKED, READ_ONLY } from '../../../src/confine/rootfs/kernel-files.ts';
import { rootfsSteps } from '../../../src/confine/rootfs/index.ts';
import { parseBind } from '../../../src/confine/rootfs/binds.ts';
import { program } from '../../support/programs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ring3-rootfs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function planFor(spec: { rootfs?: string; binds?: string[] }, script: string[]): StepInput[] {
  const maps = hostIdMaps();
  return [
    { step: 'namespaces', types: ['user', 'mnt', 'pid', 'net'] },
    maps.step,
    ...becomeRoot(maps),
    ...rootfsSteps({
      binds: (spec.binds ?? []).map(parseBind),
      current: folder,
      ownNetwork: true,
      shiftedIds: maps.step.uid[0]!.outside !== process.getuid!(),
      ttyGroup: false,
      ...(spec.rootfs !== undefined && { rootfs: spec.rootfs }),
    }),
    {
      step: 'exec',
      file: script[0]!,
      argv: script,
      env: ['PATH=/usr/bin:/bin'],
      search: ['/usr/bin', '/bin'],
    },
  ];
}
const inHost = async (script: string): Promise<string[]> => {
  const { stdout } = await execute(planFor({}, ['sh', '-c', script]));
  return stdout.split('\n').filter(Boolean);
};

describe("the host's root", () => {
  it('is the only mount tree: nothing of the old one can be named', async () => {
    const mounts = await inHost('cut -d" " -f5 /proc/self/mountinfo');
    expect(mounts.filter((target) => target === '/')).toHaveLength(1);
    expect(mounts.some((target) => target.startsWith('/tmp/'))).toBe(mounts.includes(folder));
  });

  it('has a /dev of six devices, terminals and shared memory', async () => {
    const names = await inHost('ls /dev');
    const expected = 'fd full null ptmx pts random shm stderr stdin stdout tty urandom zero';
    expect(names).toEqual(expected.split(' '));
    expect(await inHost('echo x > /dev/null && head -c 3 /dev/zero | wc -c && stat -fc %T /dev/shm')).toEqual(
      ['3', 'tmpfs'],
    );
  });

  it('covers what tells of the machine', async () => {
    const covered = MASKED.filter((path) => existsSync(path));
    expect(covered.length).toBeGreaterThan(0);
    const script = `for p in ${covered.join(' ')}; do [ -d $p ] && ls -A $p || cat $p; done`;
    expect(await inHost(script)).toEqual([]);
    expect(await inHost('ls -A /sys/firmware')).toEqual([]);
  });

  it('lets nobody turn the machine’s switches', async () => {
    const switches = ['/proc/sys/kernel/panic', '/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger'];
    expect(
      await inHost(`for p in ${switches.join(' ')}; do echo x 2>/dev/null > $p || echo kept; done`),
    ).toEqual(switches.map(() => 'kept'));
    const options = await inHost('grep -E " /proc/[a-z-]+ " /proc/self/mountinfo | cut -d" " -f5,6');
    for (const path of READ_ONLY.filter((each) => existsSync(each))) {
      expect(options).toContainEqual(expect.stringMatching(new RegExp(`^${path} ro,`)));
    }
  });

  it('bounds its pids for all of its users together, where the kernel can', async (context) => {
    const [major = 0, minor = 0] = release().split('.').map(Number);
    if (major < 6 || (major === 6 && minor < 14))
      context.skip(`needs Linux 6.14 for a pid_max of its own: this is ${release()}`);
    expect(await inHost('cat /proc/sys/kernel/pid_max')).toEqual(['4096']);
    expect(readFileSync('/proc/sys/kernel/pid_max', 'utf8')).not.toBe('4096\n');
  });

  it('has no setuid, no devices and no way to mount its covers away', async () => {
    const options = await inHost('grep " /usr " /proc/self/mountinfo | cut -d" " -f6');
    expect(options[0]).toMatch(/nosuid,nodev/);
    expect(await inHost('umount /proc/kcore 2>/dev/null || echo kept')).toEqual(['kept']);
  });
});

describe('a folder as the root', () => {
  const hog = ['/bin/hog', '1'];

  beforeEach(() => {
    mkdirSync(join(folder, 'root/bin'), { recursive: true });
    mkdirSync(join(folder, 'victim'));
  });

  const start = (): ReturnType<typeof execute> =>
    execute(planFor({ rootfs: join(folder, 'root'), binds: [`${program('hog')}:/bin/hog:ro`] }, hog));

  it('needs no mount points in it', async () => {
    expect(await start()).toMatchObject({ stdout: 'hog: holds 1 MiB\n', exit: { code: 0 } });
    expect(readdirSync(join(folder, 'root'))).toEqual(['bin']);
  });

  // CVE-2019-16884, CVE-2021-30465: an image whose /proc or /dev is a link led mounts elsewhere.
  it.each(['proc', 'dev', 'sys', 'tmp'])('whose /%s is a link out of it harms nothing', async (name) => {
    symlinkSync(join(folder, 'victim'), join(folder, 'root', name));
    await start().catch((error: unknown) =>
      expect(error).toMatchObject({ code: /ENOENT|ENOTDIR|ELOOP|EEXIST/ }),
    );
    expect(readdirSync(join(folder, 'victim'))).toEqual([]);
  });

  it('whose bin/hog is a link to a host file is not written through it', async () => {
    const file = join(folder, 'victim', 'file');
    writeFileSync(file, 'mine');
    symlinkSync(file, join(folder, 'root/bin/hog'));
    await start().catch((error: unknown) =>
      expect(error).toMatchObject({ code: expect.stringMatching(/^E/) }),
    );
    expect(readdirSync(join(folder, 'victim'))).toEqual(['file']);
  });
});
