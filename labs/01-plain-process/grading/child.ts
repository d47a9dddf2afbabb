/** The last task: a real child of the grader's, seen through the real /proc. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdtempSync,
  openSync,
  promises,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { Refusal, wrong, type LabGrader, type Random } from 'ring3/grade';
import { expectField, inspected } from './looking.ts';
import type { MadeUp } from './proc.ts';

/** The real /proc, of one process and as far as `inspect` needs it. */
function window(pid: number) {
  const checked = (path: string, pattern: RegExp) => {
    if (path.startsWith(`/proc/${pid}/`) && pattern.test(path.slice(`/proc/${pid}/`.length))) return path;
    throw new Refusal('ENOENT', `ENOENT: no such file or directory, '${path}'`);
  };
  const passed = async <T>(look: Promise<T>) => {
    try {
      return await look;
    } catch (error) {
      throw new Refusal((error as NodeJS.ErrnoException).code ?? 'EIO', (error as Error).message);
    }
  };
  return {
    read: async (path: string) =>
      passed(promises.readFile(checked(path, /^(stat|status|comm|cmdline|environ)$/), 'utf8')),
    link: async (path: string) => passed(promises.readlink(checked(path, /^(fd\/\d+|ns\/[a-z_]+)$/))),
    list: async (path: string) => passed(promises.readdir(checked(path, /^(fd|ns)\/?$/))),
  };
}

function start(random: Random, folder: string) {
  // The kernel takes the name from the file, and keeps 15 bytes of it.
  const file = join(folder, `${random.word(4)}) R 1 (${random.word(9)}`);
  symlinkSync('/bin/sh', file);
  const args = ['-c', 'echo; read line', random.word(), '', `${random.word()} ${random.word()}`];
  const env = { TOKEN: random.word(12), PAIR: `a=${random.word()}`, EMPTY: '' };
  const inherited = join(folder, random.word(10));
  const descriptor = openSync(inherited, 'w');
  const child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'ignore', descriptor] });
  closeSync(descriptor);
  return { child, file, args, env, inherited };
}

function effectiveSet(pid: number): number[] {
  const [, hex = '0'] = /\nCapEff:\t([0-9a-f]+)\n/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return [...BigInt(`0x${hex}`).toString(2)].reverse().flatMap((bit, at) => (bit === '1' ? [at] : []));
}

export function realChild(lab: LabGrader): void {
  lab.task('real', async ({ student, random, defer }) => {
    const folder = mkdtempSync(join(tmpdir(), 'ring3-lab01-'));
    defer(() => rmSync(folder, { recursive: true, force: true }));
    const { child, file, args, env, inherited } = start(random, folder);
    const ended = new Promise((resolve) => child.on('exit', resolve));
    defer(() => (child.kill('SIGKILL'), ended));
    // Until it runs, the kernel is still setting it up, and its cmdline reads as empty.
    await Promise.race([once(child.stdout as Readable, 'data'), ended]);
    const pid = child.pid as number;
    const found = await inspected(student, window(pid) as unknown as MadeUp, pid);
    const read = 'README.md#real';
    if (!found) wrong({ expected: 'facts about a child that is there', seen: 'null', read });
    expectField(found.name, basename(file).slice(0, 15), 'name', read);
    expectField(found.parent, process.pid, 'parent', read);
    expectField(found.uids.real, process.getuid?.(), 'real uid', read);
    expectField(found.command, [file, ...args], 'command', read);
    expectField(found.environment, env, 'environment', read);
    expectField(found.capabilities, effectiveSet(pid), 'capabilities', read);
    expectField(found.descriptors?.[3], inherited, 'descriptor 3, which it inherited', read);
    expectField(found.descriptors?.[0], readlinkSync(`/proc/${pid}/fd/0`), 'descriptor 0', read);
  });
}
