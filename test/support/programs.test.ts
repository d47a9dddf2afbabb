import { execFileSync, spawnSync } from 'node:child_process';
import { statSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { relative, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { program } from './programs.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));

test('a program is compiled once, and runs', () => {
  const hog = program('hog');
  const before = statSync(hog).mtimeMs;
  expect(program('hog')).toBe(hog);
  expect(statSync(hog).mtimeMs).toBe(before);
  expect(execFileSync(hog, ['2']).toString()).toBe('hog: holds 2 MiB\n');
});

test('the fork bomb ends by itself, and all of it', () => {
  const { stdout, status } = spawnSync(program('forkbomb'), ['20', '5'], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(status).toBe(0);
  expect(stdout).toBe('forkbomb: 20 forked, 0 refused\n');
});

test('a source that does not compile says why', () => {
  const folder = mkdtempSync(join(project, 'build/programs/wrong-'));
  try {
    writeFileSync(join(folder, 'wrong.c'), 'int main(void) { return nothing; }\n');
    expect(() => program(relative(project, join(folder, 'wrong.c')))).toThrow(
      /cannot compile wrong\.c.*nothing/s,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
