import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const bundle = fileURLToPath(new URL('../../dist/bundle/main.js', import.meta.url));
const plain = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The modules that a command line loads, by their files. */
function modulesOf(main: string, ...args: string[]): string[] {
  const { status, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env: { ...process.env, NODE_DEBUG: 'esm' },
  });
  expect(status, stderr).toBe(0);
  const files = [...stderr.matchAll(/file:\/\/[^'"\s?]+\.m?js/g)].map(([url]) => url);
  return [...new Set(files)];
}

test.each(process.arch === 'x64' ? ['none', 'rewrite'] : ['none'])(
  '`ring3 run --platform %s` reads few files of JavaScript',
  (platform) => {
    const files = modulesOf(bundle, 'run', '--platform', platform, '--', 'true');
    expect(files.filter((file) => !file.includes('/dist/bundle/'))).toEqual([]);
    expect(files.length).toBeLessThanOrEqual(10);
  },
);

test.each([['--version'], ['run --help'], ['bench --list'], ['doctor --help']])(
  'the bundle answers %s as the modules do',
  (line) => {
    const answer = (main: string): string =>
      execFileSync(process.execPath, [main, ...line.split(' ')], { encoding: 'utf8' });
    expect(answer(bundle)).toBe(answer(plain));
  },
);

test('the bundle finds its package: the addon, the helper and the filter', () => {
  const command = [
    bundle,
    'run',
    '--platform',
    'none',
    '--hostname',
    'bundled',
    '--',
    'cat',
    '/proc/sys/kernel/hostname',
  ];
  expect(execFileSync(process.execPath, command, { encoding: 'utf8' })).toBe('bundled\n');
});
