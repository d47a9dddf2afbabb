import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { needsLibseccomp } from '../support/libseccomp.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ring3-seccomp-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(needsLibseccomp);

interface Ended {
  status: number;
  stdout: Buffer;
  stderr: string;
}

function seccomp(...args: string[]): Promise<Ended> {
  const env = { ...process.env, XDG_CACHE_HOME: folder };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, 'seccomp', ...args],
      { timeout: 20_000, encoding: 'buffer', env },
      (error, stdout, stderr) =>
        resolve({ status: error ? Number(error.code) : 0, stdout, stderr: stderr.toString() }),
    );
  });
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('show', () => {
  it('lists the default filter, and the path of a call through it', async () => {
    const { status, stdout } = await seccomp('show', '--arch', 'x86-64');
    expect({ status, first: stdout.toString().split('\n')[0] }).toEqual({
      status: 0,
      first: '   0        ld   arch',
    });
    const path = await seccomp('show', '--call', 'ioctl', '--args', '0,0x100005412');
    expect(path.stdout.toString()).toMatch(/ERRNO\(EPERM\) after \d+ of \d+ instructions\n$/);
    const foreign = await seccomp('show', '--call', '20', '--arch', 'i386');
    expect(foreign.stdout.toString()).toMatch(/KILL_PROCESS after 3 of/);
  });

  it('reads back what it wrote, and what it printed as a profile', async () => {
    const raw = file('default.bpf', (await seccomp('show', '--raw')).stdout);
    const json = file('default.json', (await seccomp('default')).stdout);
    const [fromRaw, fromJson, plain] = await Promise.all([
      seccomp('show', raw, '--json'),
      seccomp('show', json, '--json'),
      seccomp('show', '--default', '--json'),
    ]);
    expect(JSON.parse(plain.stdout.toString())).toMatchObject({ unknown: [], fault: null });
    expect(fromRaw.stdout.equals(plain.stdout)).toBe(true);
    expect(fromJson.stdout.equals(plain.stdout)).toBe(true);
    expect(readFileSync(json, 'utf8')).toContain('CVE-2016-0728');
  });

  it('says in JSON what became of a call', async () => {
    const { stdout } = await seccomp('show', '--call', 'clone3', '--json');
    expect(JSON.parse(stdout.toString()).call).toMatchObject({
      name: 'clone3',
      action: { name: 'ERRNO', data: 38 },
    });
  });

  it('names calls that do not exist, and goes on', async () => {
    const profile = file(
      'typo.json',
      '{"defaultAction":"SCMP_ACT_KILL","syscalls":[{"names":["read","raed"],"action":"SCMP_ACT_ALLOW"}]}',
    );
    const { status, stderr } = await seccomp('show', profile);
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'ring3: no such calls here, left out: raed\n' });
  });

  it('says what the kernel has against a program', async () => {
    const { status, stdout } = await seccomp('show', file('endless.bpf', new Uint8Array(8)));
    expect({ status, text: stdout.toString() }).toEqual({
      status: 0,
      text: '   0        ld   0\nThe kernel refuses it: instruction 0 runs past the end, to 1 of 1.\n',
    });
  });
});

describe('bad input is one line and status 2', () => {
  it.each<[string, () => string[], string]>([
    ['no file', () => ['show', join(folder, 'none')], 'there is no such file'],
    ['a folder', () => ['show', folder], 'is a folder'],
    ['neither', () => ['show', file('odd', 'abc')], 'neither an OCI profile nor a BPF program: 3 bytes'],
    [
      'a wrong profile',
      () => ['show', file('wrong.json', '{"a":1}')],
      'is no seccomp profile: defaultAction',
    ],
    ['half a profile', () => ['show', file('half.json', '{')], 'is no JSON'],
    ['a huge file', () => ['show', file('huge', new Uint8Array((1 << 20) + 1))], 'is larger than 1 MiB'],
    ['both', () => ['show', '--default', 'x'], 'not both'],
    ['an unknown call', () => ['show', '--call', 'blub'], '--call blub: there is no such call'],
    ['a name without a table', () => ['show', '--call', 'read', '--arch', 'i386'], 'give its number'],
    ['a broken program', () => ['show', file('b.bpf', new Uint8Array(8)), '--call', '1'], 'past the end'],
  ])('%s', async (_, args, reason) => {
    const { status, stderr, stdout } = await seccomp(...args());
    expect(stderr).toContain(reason);
    expect({ status, lines: stderr.trim().split('\n').length, stdout: stdout.toString() }).toEqual({
      status: 2,
      lines: 1,
      stdout: '',
    });
  });

  it.each([['x'], ['1,2,3,4,5,6,7'], ['0x1ffffffffffffffff']])('--args %s', async (args) => {
    const { status, stderr } = await seccomp('show', '--args', args);
    expect(status).not.toBe(0);
    expect(stderr).toContain('--args');
  });
});
