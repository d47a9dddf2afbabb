import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { defaultProgram, programFor } from '../../../src/confine/seccomp/cache.ts';
import * as compile from '../../../src/confine/seccomp/compile.ts';
import { needsLibseccomp } from '../../support/libseccomp.ts';

// Counted, not replaced: a kept program must make compiling needless.
vi.mock(import('../../../src/confine/seccomp/compile.ts'), async (original) => {
  const module = await original();
  return { ...module, compileProfile: vi.fn(module.compileProfile) };
});

const compiled = vi.mocked(compile.compileProfile);
const TEXT =
  '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["getpid","blub"],"action":"SCMP_ACT_ERRNO"}]}';
let folder: string;
const kept = () => join(folder, 'ring3');
const only = () => join(kept(), readdirSync(kept())[0] as string);

beforeEach(needsLibseccomp);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ring3-cache-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
  compiled.mockClear();
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

it('compiles once, and says the same again', () => {
  const first = programFor(TEXT, 'mine', []);
  expect(first.unknown).toEqual(['blub']);
  expect(programFor(TEXT, 'mine', [])).toEqual(first);
  expect(compiled).toHaveBeenCalledTimes(1);
  expect(lstatSync(kept()).mode & 0o777).toBe(0o700);
  expect(lstatSync(only()).mode & 0o777).toBe(0o600);
});

it('tells other capabilities and other texts apart', () => {
  const without = defaultProgram([]);
  expect(defaultProgram(['CAP_SYS_ADMIN']).program).not.toEqual(without.program);
  expect(defaultProgram([]).program).toEqual(without.program);
  programFor(TEXT, 'mine', []);
  expect(compiled).toHaveBeenCalledTimes(3);
});

it.each<[string, (file: string) => void]>([
  ['was changed', (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('AA', 'AB'))],
  ['was cut off', (file) => writeFileSync(file, readFileSync(file).subarray(0, 200))],
  ['is empty', (file) => writeFileSync(file, '')],
  ['can be written by others', (file) => chmodSync(file, 0o666)],
  [
    'is a link to one that is right',
    (file) => {
      renameSync(file, join(folder, 'elsewhere'));
      symlinkSync(join(folder, 'elsewhere'), file);
    },
  ],
  [
    'is a folder',
    (file) => {
      rmSync(file);
      mkdirSync(file);
    },
  ],
])('does not take a file that %s', (_, spoil) => {
  const first = programFor(TEXT, 'mine', []);
  spoil(only());
  expect(programFor(TEXT, 'mine', [])).toEqual(first);
  expect(compiled).toHaveBeenCalledTimes(2);
});

it('keeps nothing where others can write', () => {
  chmodSync(folder, 0o777);
  programFor(TEXT, 'mine', []);
  expect(readdirSync(folder)).toEqual([]);
});

it('works without a place to keep anything', () => {
  vi.stubEnv('XDG_CACHE_HOME', '/proc/no/such');
  expect(programFor(TEXT, 'mine', []).program.length % 8).toBe(0);
});

it('does not grow for ever', () => {
  mkdirSync(kept(), { mode: 0o700 });
  for (let at = 0; at < 64; at++) writeFileSync(join(kept(), `seccomp-${at}`), '');
  programFor(TEXT, 'mine', []);
  expect(readdirSync(kept())).toHaveLength(1);
});

it('keeps no profile that is wrong', () => {
  expect(() => programFor('{', 'mine.json', [])).toThrow('mine.json is no JSON');
  expect(() => readdirSync(kept())).toThrow('ENOENT');
});
