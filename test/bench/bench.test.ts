import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { targets, type Result, type TargetSummary } from '../../src/bench/index.ts';

const main = join(import.meta.dirname, '../../src/cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'ring3-test-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TIME_LIMIT = 120_000;

interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

async function ring3(...args: string[]): Promise<Ended> {
  const env = { ...process.env, TMPDIR: folder };
  const options = { timeout: TIME_LIMIT, maxBuffer: 1 << 24, env };
  try {
    const command = ['--import', 'tsx', main, 'bench', ...args];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, command, options);
    return { status: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, stdout, stderr };
  }
}

test('every target has two samples or a gap with its reason', { timeout: TIME_LIMIT }, async () => {
  const output = join(folder, 'results.json');
  const { status, stdout, stderr } = await ring3('--quick', '--rounds', '2', '--json', '-o', output);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const result = JSON.parse(stdout) as Result & { summary: TargetSummary[] };
  expect(JSON.parse(readFileSync(output, 'utf8'))).toEqual(result);
  expect(result.targets.map(({ name }) => name)).toEqual(targets.map(({ name }) => name));
  expect(result.failures).toEqual([]);
  for (const { name, gap, version } of result.targets) {
    const samples = result.samples.filter(({ target }) => target === name);
    if (gap) {
      expect(gap.reason, name).not.toBe('');
      expect(samples, name).toEqual([]);
      continue;
    }
    expect(version, name).toMatch(/\d/);
    expect(samples.map(({ round }) => round).sort(), name).toEqual([0, 1]);
    for (const { exit, gone, exec } of samples) {
      expect(exec, name).toBeGreaterThan(0);
      expect(exit, name).toBeGreaterThan(exec);
      expect(gone, name).toBeGreaterThanOrEqual(exit);
    }
  }
  // These need nothing but a kernel on which the labs can be worked.
  for (const name of ['plain', 'user', 'seccomp', 'all']) {
    expect(result.targets.find((target) => target.name === name)?.gap, name).toBeUndefined();
  }
  expect(readdirSync(folder).filter((name) => name.startsWith('ring3-bench-'))).toEqual([]);
});

async function orderOf(seed: string): Promise<string[]> {
  const { stdout } = await ring3('user', 'uts', 'ipc', '--rounds', '4', '--json', '--seed', seed);
  return (JSON.parse(stdout) as Result).samples.map(({ target }) => target);
}

test('a seed repeats the order', { timeout: TIME_LIMIT }, async () => {
  const first = await orderOf('1');
  expect(await orderOf('1')).toEqual(first);
  expect(await orderOf('2')).not.toEqual(first);
});

test('the table names every target and compares with plain', { timeout: TIME_LIMIT }, async () => {
  const { status, stdout } = await ring3('uts', '--quick', '--rounds', '3');
  expect(status).toBe(0);
  expect(stdout).toMatch(/3 rounds after 2 to warm up, seed \d+/);
  expect(stdout).toMatch(/^plain +\d+\.\d\d +.* 1\.00 +1\.00–1\.00 +#+$/m);
  expect(stdout).toMatch(/^uts +\d+\.\d\d .*#$/m);
  expect(stdout).not.toContain('\x1b');
});

test('an interrupted run shows what there is', { timeout: TIME_LIMIT }, async () => {
  const output = join(folder, 'interrupted.json');
  const command = ['--import', 'tsx', main, 'bench', 'uts', '--rounds', '100000', '-o', output];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  setTimeout(() => child.kill('SIGINT'), 5000);
  expect(await ended).toBe(130);
  expect(stdout).toMatch(/\d+ rounds \(of 100000, interrupted\)/);
  const result = JSON.parse(readFileSync(output, 'utf8')) as Result;
  expect(result.samples.length).toBeGreaterThanOrEqual(result.rounds.done * 2);
});

test.each([
  [['nonsense'], 125, /There is no target nonsense\. Targets are: plain, user, /],
  [['--rounds', '0'], 2, /whole number from 1/],
  [['--rounds', 'many'], 2, /whole number from 1/],
  [['-o', '/nonexistent/results.json'], 125, /-o \/nonexistent\/results\.json cannot be written: ENOENT/],
])('%j is refused in one line', { timeout: TIME_LIMIT }, async (args, status, message) => {
  const ended = await ring3(...args);
  expect(ended.status).toBe(status);
  expect(ended.stderr).toMatch(message);
  expect(ended.stdout).toBe('');
  expect(existsSync('/nonexistent')).toBe(false);
});
