/** The lab commands as a user sees them: what they print, what they leave, how they end. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { LABS, PACKAGE_ROOT } from '../../src/lab/paths.ts';
import { temporary } from './submission.ts';

const FIXTURES = fileURLToPath(new URL('./fixtures', import.meta.url));
const MAIN = join(PACKAGE_ROOT, 'dist', 'cli', 'main.js');

function ring3(args: string[], cwd: string) {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' };
  // Inside of a test of vitest's own, which these variables would tell the grader's vitest.
  for (const name of Object.keys(env)) if (name.startsWith('VITEST')) delete env[name];
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

/** A workspace with the made-up lab 91, solved or not. */
function handedIn(exercise: string): string {
  const folder = temporary();
  const lab = join(folder, 'labs', '91-sum');
  mkdirSync(lab, { recursive: true });
  cpSync(join(FIXTURES, '91-sum', exercise), join(lab, 'exercise.ts'));
  return folder;
}

interface Json {
  score: number;
  max_score: number;
  ungraded: number;
  labs: { tasks: { id: string; outcome: string; reason: string; probe?: string; score: number }[] }[];
}

function graded(folder: string, ...args: string[]) {
  const done = ring3(['grade', folder, '--labs', FIXTURES, '--format', 'json', ...args], folder);
  return { ...done, json: JSON.parse(done.stdout || '{}') as Json };
}

const outcomes = ({ labs }: Json) =>
  Object.fromEntries(labs.flatMap(({ tasks }) => tasks.map((task) => [task.id, task.outcome])));

describe('ring3 grade', () => {
  test('an untouched exercise: nothing, and status 0', () => {
    const { status, json } = graded(handedIn('exercise.ts'));
    expect(status).toBe(0);
    expect(json).toMatchObject({ score: 0, max_score: 6, ungraded: 0 });
    expect(outcomes(json)).toEqual({ small: 'wrong', many: 'wrong', product: 'wrong' });
  });

  test('the solution: all points; half of it: some', () => {
    expect(graded(handedIn('solution.ts')).json.score).toBe(6);
    expect(graded(handedIn('mutants/throws.ts')).json.score).toBe(0);
    const { json, status } = graded(handedIn('exercise.ts'), '--lab', '91');
    expect([json.score, status]).toEqual([0, 0]);
  });

  test('a seed repeats a run to the letter', () => {
    const folder = handedIn('exercise.ts');
    cpSync(join(FIXTURES, '91-sum', 'mutants', 'throws.ts'), join(folder, 'labs', '91-sum', 'exercise.ts'));
    const seen = (seed: string) =>
      graded(folder, '--seed', seed).json.labs.map(({ tasks }) => tasks.map(({ reason }) => reason));
    expect(seen('7')).toEqual(seen('7'));
  });

  test('every way in which a grader can break is told apart from a wrong answer', () => {
    const folder = temporary();
    mkdirSync(join(folder, '92-broken'));
    cpSync(join(FIXTURES, '92-broken', 'exercise.ts'), join(folder, '92-broken', 'exercise.ts'));
    const { status, json } = graded(folder);
    expect(outcomes(json)).toEqual({
      fine: 'passed',
      throws: 'grader-broke',
      cannot: 'host-cannot',
      unasked: 'grader-broke',
      hangs: 'grader-broke',
      untidy: 'grader-broke',
      callback: 'grader-broke',
      assertion: 'wrong',
    });
    expect(status).toBe(3);
    expect(json).toMatchObject({ score: 1, max_score: 8, ungraded: 6 });
    expect(json.labs[0]?.tasks.find(({ id }) => id === 'cannot')).toMatchObject({
      probe: 'overlay',
      score: 0,
    });
  });

  test('a grader that runs no test gives nobody points', () => {
    const folder = temporary();
    mkdirSync(join(folder, '93-undefined'));
    cpSync(join(FIXTURES, '93-undefined', 'exercise.ts'), join(folder, '93-undefined', 'exercise.ts'));
    const { status, json } = graded(folder);
    expect(new Set(Object.values(outcomes(json)))).toEqual(new Set(['grader-broke']));
    expect(json.labs[0]?.tasks[0]?.reason).toContain('lacks the task throws');
    expect([status, json.score]).toEqual([3, 0]);
  });

  test('a lab that was asked for and is not there gets no points', () => {
    const folder = temporary();
    const { status, json } = graded(folder, '--lab', '91');
    expect(outcomes(json)).toEqual({ small: 'wrong', many: 'wrong', product: 'wrong' });
    expect(json.labs[0]?.tasks[0]?.reason).toContain('there is no such file');
    expect(status).toBe(0);
  });

  test('a single exercise.ts, with --lab', () => {
    const folder = temporary();
    cpSync(join(FIXTURES, '91-sum', 'solution.ts'), join(folder, 'exercise.ts'));
    expect(graded(folder, '--lab', 'sum').json.score).toBe(6);
  });

  test.each([
    [['grade', '/nowhere'], '/nowhere is no folder'],
    [['grade', '.'], 'holds no labs'],
    [['grade', '.', '--lab', '99'], 'there is no lab 99'],
    [['grade', '.', '--format', 'pdf'], 'Allowed choices are text, json, gradescope, classroom, junit'],
    [['grade', '.', '--seed', '-1'], 'whole number'],
    [['grade'], "missing required argument 'dir'"],
  ])('%s: one line, status 2', (args, expected) => {
    const { status, stderr, stdout } = ring3(args, temporary());
    expect(stderr).toContain(expected);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });
});

describe('a student’s workspace', () => {
  test('has handouts and exercises, no answers, and works', () => {
    const folder = join(temporary(), 'work');
    expect(ring3(['init', folder], '/').status).toBe(0);
    const files = readdirSync(join(folder, 'labs'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((name) => name.endsWith('exercise.ts')).length).toBe(
      readdirSync(LABS).filter((name) => /^\d\d-/.test(name)).length,
    );
    expect(files.filter((name) => /solution|mutant|grad|hints|measure/.test(name))).toEqual([]);
    expect(readFileSync(join(folder, 'labs', '01-plain-process', 'exercise.ts'), 'utf8')).toBe(
      readFileSync(join(LABS, '01-plain-process', 'exercise.ts'), 'utf8'),
    );

    const checked = ring3(['lab', 'check', '1', '--json'], join(folder, 'labs', '01-plain-process'));
    expect(checked.status).toBe(1);
    expect(JSON.parse(checked.stdout)).toMatchObject({ score: 0, max_score: 100 });
    expect(ring3(['lab', 'list'], folder).stdout).toMatch(/01 plain-process .* 0\/100/);

    const again = ring3(['init', folder], '/');
    expect([again.status, again.stderr]).toEqual([
      2,
      `ring3: ${folder} is not empty: name a folder that is new or empty\n`,
    ]);
  });

  test('hints come one at a time, reset keeps the work, damage is survived', () => {
    const folder = join(temporary(), 'work');
    ring3(['init', folder], '/');
    const hint = () => ring3(['lab', 'hint', '1', 'median'], folder).stdout;
    const three = [hint(), hint(), hint(), hint()].map((text) => /hint (\d) of 3/.exec(text)?.[1]);
    expect(three).toEqual(['1', '2', '3', '3']);

    const lab = join(folder, 'labs', '01-plain-process');
    writeFileSync(join(lab, 'exercise.ts'), 'export const mine = 1;');
    expect(ring3(['lab', 'reset', '1'], folder)).toMatchObject({
      status: 2,
      stderr: 'ring3: nobody to ask: add --yes\n',
    });
    expect(ring3(['lab', 'reset', '1', '--yes'], folder).stdout).toContain('your work is now');
    expect(readFileSync(join(lab, 'exercise.ts'), 'utf8')).toContain('not written yet');
    const kept = readdirSync(lab).find((name) => name.startsWith('exercise.ts.')) ?? '';
    expect(readFileSync(join(lab, kept), 'utf8')).toBe('export const mine = 1;');

    writeFileSync(join(folder, '.ring3', 'progress.json'), '{"version": 1, "labs": {"1":');
    const listed = ring3(['lab', 'list'], folder);
    expect(listed.status).toBe(0);
    expect(listed.stderr).toContain('was damaged');
    expect(existsSync(join(folder, '.ring3', 'progress.json.damaged'))).toBe(true);
  });

  test('a guess comes before a measurement', () => {
    const folder = join(temporary(), 'work');
    ring3(['init', folder], '/');
    const unasked = ring3(['lab', 'measure', '1'], folder);
    expect([unasked.status, unasked.stdout]).toEqual([2, '']);
    expect(unasked.stderr).toContain('--guess');
    expect(ring3(['lab', 'measure', '1', '--guess', 'much'], folder)).toMatchObject({ status: 2 });
    const measured = ring3(['lab', 'measure', '1', '--guess', '12', '--json'], folder);
    const json = JSON.parse(measured.stdout) as {
      guess: number;
      rows: { target: string; ratio: number; median: number }[];
    };
    expect(json.guess).toBe(12);
    expect(json.rows.map(({ target }) => target)).toContain('node -e 0');
    expect(json.rows.find(({ target }) => target === 'node -e 0')?.ratio).toBeGreaterThan(1);
    expect(ring3(['lab', 'measure', '1'], folder).stdout).toContain('you guessed 12 times, measured');
  });

  test.each([
    [['lab', 'check', '77'], 'there is no lab 77'],
    [['lab', 'check', '1', '--task', 'nothing'], 'lab 1 has no task nothing; it has rounds'],
    [['lab', 'check', '1', '--seed', 'x'], 'whole number'],
    [['lab', 'watch'], 'watch needs a terminal'],
    [['lab', 'show', 'nothing'], 'there is no lab nothing'],
    [['lab', 'verify', '--repeats', '0'], 'whole number from 1 to 1000'],
    [['lab', 'dance'], "unknown command 'dance'"],
  ])('%s: one line, status 2', (args, expected) => {
    const { status, stderr } = ring3(args, PACKAGE_ROOT);
    expect(stderr).toContain(expected);
    expect(status).toBe(2);
  });

  test('outside of a workspace', () => {
    const { status, stderr } = ring3(['lab', 'check', '1'], temporary());
    expect(stderr).toMatch(/^ring3: .* is in no workspace: make one with `ring3 init DIR` and go there\n$/);
    expect(status).toBe(2);
  });

  test('a handout in the terminal', () => {
    const { stdout, status } = ring3(['lab', 'show', '1', '--no-pager'], '/');
    expect(status).toBe(0);
    expect(stdout).toContain('Lab 01: what a plain process costs');
    expect(Math.max(...stdout.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(80);
  });
});

describe('ring3 lab verify', () => {
  test('tells what is not as it should be, and agrees with itself', () => {
    const { status, stdout } = ring3(
      ['lab', 'verify', '91', '--labs', FIXTURES, '--repeats', '2', '--json'],
      '/',
    );
    const { labs } = JSON.parse(stdout) as {
      labs: { ok: boolean; violations: string[]; candidates: { violations: string[] }[] }[];
    };
    expect(labs[0]?.violations).toEqual(['2 mutants; a lab has at least 8']);
    expect(labs[0]?.candidates.flatMap(({ violations }) => violations)).toEqual([]);
    expect(status).toBe(1);
  });
});
