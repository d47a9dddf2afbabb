import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pc from 'picocolors';
import { describe, expect, test } from 'vitest';
import { wrap } from '../../src/cli/tour/columns.ts';
import { compareLines } from '../../src/cli/tour/compare.ts';
import { rowsOf, type Row } from '../../src/cli/tour/rows.ts';
import { parseWorld } from '../../src/cli/tour/script.ts';
import type { Outcome } from '../../src/sandbox/run.ts';
import { cannotRun, identities } from '../support/identity.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const main = `${project}dist/cli/main.js`;
const hasStub = process.arch === 'x64';
const TIME_LIMIT = 60_000;
const colourless = pc.createColors(false);

describe.each(identities())('ring3 tour as $name', (identity) => {
  test('shows both worlds, the costs and what next', { timeout: TIME_LIMIT }, (context) => {
    const reason = cannotRun(identity);
    if (reason) return context.skip(reason);
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'tour'], {
      ...identity.ids,
      env: identity.env,
      cwd: '/',
      encoding: 'utf8',
      timeout: TIME_LIMIT,
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}its pid +\d{2,} +1 /m);
    expect(stdout).toMatch(/^ {2}host name +\S+ +ring3 /m);
    expect(stdout).toMatch(/^ {2}its user 0 is +root +user \d+ /m);
    expect(stdout).toMatch(/^ {2}interfaces .* lo /m);
    expect(stdout).toMatch(/^ {2}setuid programs +\w+ +give nothing /m);
    expect(stdout).toMatch(/^ {2}system calls +\w+ +filtered /m);
    expect(stdout).toMatch(/^ {2}kernel +(\S+) += \1 /m);
    for (const name of ['plain', 'pid', 'rootfs', 'seccomp', 'all']) {
      expect(stdout, name).toMatch(new RegExp(`^ {2}${name} +\\d+\\.\\d\\d +\\d+\\.\\d\\d +#+ `, 'm'));
    }
    if (hasStub) expect(stdout).toContain('I AM PROCESS 1, AND MY KERNEL IS A PROGRAM');
    if (hasStub) expect(stdout).toMatch(/^ {2}… \d+ calls in all, \d+ % of them/m);
    expect(stdout).toMatch(/in the whole confinement +\d+ +\d+/);
    expect(stdout).toContain('npx ring3 init');
    // No terminal, no colour, and no line of the script that was not understood.
    expect(stdout).not.toContain('\x1b');
    expect(stdout).not.toContain('not to be seen');
    if (hasStub) expect(stdout).not.toContain('cannot be shown');
  });
});

test('where nothing can be confined, the tour says so and ends with 1', { timeout: TIME_LIMIT }, () => {
  // This Node may lie where a guest sees nothing.
  const inside = [
    main,
    'run',
    '--platform',
    'none',
    '--bind',
    `${process.execPath}:/run/node:ro`,
    '--',
    '/run/node',
    main,
    'tour',
  ];
  const options = { cwd: project, encoding: 'utf8', timeout: TIME_LIMIT } as const;
  const { status, stdout } = spawnSync(process.execPath, inside, options);
  expect(status).toBe(1);
  expect(stdout).toContain('No lab can be worked on this host.');
  expect(stdout.match(/This cannot be shown here: Step \d+ \(\w+\) failed/g)).toHaveLength(hasStub ? 3 : 2);
  expect(stdout).not.toContain('npx ring3 init');
});

const OUTPUT = `pid 7
hostname lab
map 0 1000 1
map 1 100000 65535
Uid: 0	0	0	0
CapEff: 00000000000000ff
Seccomp: 2
NoNewPrivs: 1
interface lo
interface eth0
mount /
root / rw - overlay none rw
mount /proc
cgroup /
cgroup /a/longer/path
a line that is no pair: of a word and a value?
`;

test('a world is read line by line', () => {
  const world = parseWorld(OUTPUT);
  const stats = { memory: { current: 0, limit: 32 * 2 ** 20, limitHits: 0 } };
  const rows = rowsOf({ host: parseWorld('pid 9\n'), confined: world, outcome: { stats } as Outcome });
  const shown = Object.fromEntries(rows.map(({ label, host, confined }) => [label, [host, confined]]));
  expect(shown).toMatchObject({
    'its pid': ['9', '7'],
    user: ['not to be seen', '0 (root)'],
    'its user 0 is': ['not to be seen', 'user 1000'],
    interfaces: ['not to be seen', 'lo eth0'],
    'root directory': ['not to be seen', 'overlay, 2 mounts'],
    cgroup: ['not to be seen', '/a/longer/path'],
    capabilities: ['not to be seen', '8 of 41'],
    memory: ['all of the host’s', '32 MiB'],
  });
});

const ROWS: Row[] = [
  {
    label: 'pid',
    host: '4711',
    confined: '1',
    because: 'a pid namespace, in which numbers start again from one',
  },
  { label: 'kernel', host: '6.1.0-a-very-long-name-of-a-kernel', confined: '6.1', because: 'shared' },
  { label: 'same', host: 'x', confined: 'x', because: 'nothing' },
];

test.each([40, 60, 80, 100, 160])('%i columns are enough', (width) => {
  const lines = compareLines(ROWS, width, colourless);
  for (const line of lines) expect([...line].length, line).toBeLessThanOrEqual(width);
  expect(lines.join('\n')).toMatch(/^ {2}same +x +(?:= x)/m);
  const words = lines.join(' ').split(/\s+/).join(' ');
  for (const word of ROWS[0]!.because.split(' ')) expect(words).toContain(word);
});

test('a word that is longer than a line keeps its letters', () => {
  expect(wrap('one sesquipedalian two', 6)).toEqual(['one', 'sesquipedalian', 'two']);
});
