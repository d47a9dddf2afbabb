import { expect, test } from 'vitest';
import { FORMATS } from '../../../src/lab/formats/index.ts';
import { measurementText, quantity } from '../../../src/lab/formats/measurement.ts';
import type { Graded } from '../../../src/lab/grade/job.ts';
import { manifestSchema } from '../../../src/lab/manifest.ts';
import type { TaskResult } from '../../../src/lab/outcome.ts';
import { complete, labScore, scores } from '../../../src/lab/score.ts';

const manifest = manifestSchema.parse({
  number: 5,
  name: 'x',
  title: 'X & <Y>',
  part: 'Test',
  hours: 1,
  tasks: [
    { id: 'good', title: 'Good', points: 4 },
    { id: 'bad', title: 'Bad', points: 3 },
    { id: 'cannot', title: 'Cannot', points: 2 },
    { id: 'broke', title: 'Broke', points: 1, optional: true },
  ],
  guess: { question: 'How long?', unit: 'times', row: 'b' },
});

const result = (task: string, rest: Partial<TaskResult>): TaskResult =>
  ({ task, reason: '', milliseconds: 3, ...rest }) as TaskResult;

const graded: Graded = {
  submission: { id: 'exercise', file: '', root: '', seed: 77, trusted: false },
  manifest,
  warnings: ['a weak wall'],
  tasks: [
    result('good', { outcome: 'passed' }),
    result('bad', {
      outcome: 'wrong',
      reason: 'expected "1", saw <2>',
      explanation: { expected: '"1"', seen: '<2>', read: 'README.md#one' },
      printed: 'debug\u0007 me',
    }),
    result('cannot', { outcome: 'host-cannot', reason: 'EPERM', probe: 'overlay' }),
    result('broke', { outcome: 'grader-broke', reason: 'TypeError' }),
  ],
};
const all = scores([labScore(graded)]);

test('points: what passed counts, what could not be graded is told apart', () => {
  expect(all).toMatchObject({ score: 4, max_score: 10, ungraded: 3 });
  expect(all.labs.every(complete)).toBe(false);
});

test('text teaches: expected, seen, again with the seed, what to read', () => {
  const text = FORMATS.text(all);
  for (const part of [
    '4 of 10 points',
    '3 ungraded',
    '"1"',
    '<2>',
    'ring3 lab check 5 --task bad --seed 77',
    'README.md#one',
    'overlay: EPERM',
    'TypeError',
    'a weak wall',
  ]) {
    expect(text).toContain(part);
  }
});

test('json has what a script needs', () => {
  const json = JSON.parse(FORMATS.json(all)) as typeof all;
  expect(json.labs[0]?.tasks.map(({ outcome }) => outcome)).toEqual([
    'passed',
    'wrong',
    'host-cannot',
    'grader-broke',
  ]);
  expect(json.labs[0]?.tasks[1]).toMatchObject({ expected: '"1"', seen: '<2>' });
});

test('gradescope: a test a task, with its points', () => {
  const json = JSON.parse(FORMATS.gradescope(all)) as { tests: Record<string, unknown>[]; output: string };
  expect(json.tests.map(({ score, max_score }) => [score, max_score])).toEqual([
    [4, 4],
    [0, 3],
    [0, 2],
    [0, 1],
  ]);
  expect(json.output).toContain('3 of 10 points could not be graded');
});

test('classroom: pass, fail and error', () => {
  const json = JSON.parse(FORMATS.classroom(all)) as { status: string; tests: { status: string }[] };
  expect([json.status, ...json.tests.map(({ status }) => status)]).toEqual([
    'error',
    'pass',
    'fail',
    'error',
    'error',
  ]);
});

test('junit: well-formed whatever the texts hold', () => {
  const xml = FORMATS.junit(all);
  expect(xml).toContain('tests="4" failures="1" errors="1" skipped="1"');
  expect(xml).toContain('expected &quot;1&quot;; seen &lt;2&gt;');
  expect(
    xml.replace(/<\?xml.*\?>/, '').match(/<(?!\/?(testsuites|testsuite|testcase|failure|error|skipped)\b)/),
  ).toBeNull();
  expect(xml).not.toMatch(/&(?!amp;|lt;|gt;|quot;|apos;)/);
});

test('a measurement beside the guess', () => {
  const rows = [
    { target: 'a', median: 1_234_567, spread: 999, ratio: 1, unit: 'ns' },
    { target: 'b', median: 4_000_000_000, spread: 1, ratio: 3240, unit: 'ns' },
  ];
  const text = measurementText(manifest, rows, 30);
  expect(text).toMatch(/a +1\.235 ms +999 ns +× 1\n/);
  expect(text).toContain('you guessed 30 times, measured 3240 times (off by a factor of 108.0)');
  expect(quantity(12, 'calls')).toBe('12 calls');
});
