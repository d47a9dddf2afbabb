/** The judge of the graders, shown outcomes that are not as they should be. */
import { expect, test } from 'vitest';
import type { Graded } from '../../src/lab/grade/job.ts';
import { manifestSchema } from '../../src/lab/manifest.ts';
import type { Outcome } from '../../src/lab/outcome.ts';
import { judgeLab, losesOf, verifyJob, type Candidate } from '../../src/lab/verify.ts';

const manifest = manifestSchema.parse({
  number: 1,
  name: 'x',
  title: 'X',
  part: 'Test',
  hours: 1,
  tasks: [
    { id: 'a', title: 'A', points: 1 },
    { id: 'b', title: 'B', points: 1, restsOn: ['a'] },
    { id: 'c', title: 'C', points: 1 },
  ],
});
const lab = { manifest, folder: '/labs/01-x' };
const LETTERS: Record<string, Outcome> = {
  '.': 'passed',
  x: 'wrong',
  '-': 'host-cannot',
  '!': 'grader-broke',
};

function run(id: string, outcomes: string): Graded {
  const submission = { id, file: '', root: '', seed: 5, trusted: true };
  const tasks = [...outcomes].map((letter, at) => ({
    task: 'abc'[at] as string,
    outcome: LETTERS[letter] as Outcome,
    reason: 'because',
    ...(letter === '-' && { probe: 'overlay' }),
    milliseconds: 1,
  }));
  return { submission, manifest, tasks, warnings: [] };
}

const candidate = (name: string, loses?: string[]): Candidate => ({ name, file: '', loses });
const mutants = Array.from({ length: 8 }, (_, at) => candidate(`mutants/m${at}`, ['a']));
const all = [candidate('exercise', ['a', 'b', 'c']), candidate('solution', []), ...mutants];

/** Everything as it should be, but for what is said. */
function judged(changes: Record<string, string[]>, over = all) {
  const usual: Record<string, string> = { exercise: 'xxx', solution: '...' };
  const graded = over.flatMap(({ name }) =>
    (changes[name] ?? [usual[name] ?? 'x..']).map((outcomes, round) => run(`${name}#${round}`, outcomes)),
  );
  const result = judgeLab(lab, over, graded);
  return {
    ok: result.ok,
    all: [...result.violations, ...result.candidates.flatMap(({ violations }) => violations)],
    result,
  };
}

test('all as it should be', () => {
  expect(judged({})).toMatchObject({ ok: true, all: [] });
  expect(judged({ 'mutants/m1': ['xx.', 'xx.'] }).ok).toBe(true);
});

test.each([
  ['an exercise that scores', { exercise: ['xx.'] }, 'c: passed, and must not'],
  ['a solution that loses', { solution: ['.x.'] }, 'b: lost, and must not be: because'],
  ['a mutant that survives', { 'mutants/m2': ['...'] }, 'a: passed, and must not'],
  ['a mutant that loses what does not rest on it', { 'mutants/m3': ['x.x'] }, 'c: lost, and must not be'],
  ['a grader that breaks', { 'mutants/m4': ['!..'] }, 'a: the grader broke'],
  ['runs that do not agree', { 'mutants/m5': ['x..', 'xx.'] }, '1 of 2 runs came out differently'],
])('%s', (_name, changes, expected) => {
  const { ok, all: violations } = judged(changes as Record<string, string[]>);
  expect(ok).toBe(false);
  expect(violations.join('\n')).toContain(expected);
});

test('too few mutants, and mutants that do not say what they lose', () => {
  expect(judged({}, all.slice(0, 5)).all).toEqual(['3 mutants; a lab has at least 8']);
  const silent = [...all.slice(0, 9), candidate('mutants/silent'), candidate('mutants/odd', ['z'])];
  const text = judged({ 'mutants/silent': ['...'], 'mutants/odd': ['...'] }, silent).all.join('\n');
  expect(text).toContain('its first line is not');
  expect(text).toContain('there is no task z');
});

test('what this host cannot grade is counted, and no violation', () => {
  const everywhere = Object.fromEntries(
    all.map(({ name }) => [name, [name === 'exercise' ? 'xx-' : name === 'solution' ? '..-' : 'x.-']]),
  );
  const { ok, result } = judged(everywhere);
  expect(ok).toBe(true);
  expect(result.hostCannot).toEqual([{ task: 'c', probe: 'overlay', reason: 'because' }]);
});

test('a mutant’s first line', () => {
  expect(losesOf('// loses: a, b-c — because\n')).toEqual(['a', 'b-c']);
  for (const text of [
    '',
    '// loses: a',
    '// loses a — x',
    'const x = 1; // loses: a — x',
    '// loses: — x',
    '// loses: a — ',
  ]) {
    expect(losesOf(text)).toBeUndefined();
  }
});

test('each candidate is asked as often, with a seed of each round’s own', () => {
  const { submissions } = verifyJob(lab, all.slice(0, 2), 3, 0xffff_ffff);
  expect(submissions.map(({ id, seed }) => [id, seed])).toEqual([
    ['exercise#0', 0xffff_ffff],
    ['solution#0', 0xffff_ffff],
    ['exercise#1', 0],
    ['solution#1', 0],
    ['exercise#2', 1],
    ['solution#2', 1],
  ]);
});
