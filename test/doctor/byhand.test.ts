/** What doctor says is what one finds by hand, with other tools: here and under another kernel, root and not. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, expect, test, type TestContext } from 'vitest';
import type { Report } from '../../src/doctor/index.ts';
import { runInUml, umlProblem } from '../uml/uml.ts';
import { doctorAfter, ordinaryUser } from './broken.ts';
import { program } from '../support/programs.ts';

const PYTHON = '/usr/bin/python3';
const SCRIPT = 'test/doctor/byhand.py';
const ORDINARY = ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups', '--inh-caps=-all'];

type ByHand = Record<string, boolean>;

const root = process.geteuid?.() === 0;
const user = root ? ordinaryUser() : undefined;
afterAll(() => user?.remove());

function needPython(context: TestContext): void {
  if (!existsSync(PYTHON)) context.skip(`needs ${PYTHON} to look by hand`);
}

/** Ids on which the two disagree, with what doctor saw. */
function disagreements(report: Report, byHand: ByHand): string[] {
  expect(Object.keys(byHand).length).toBeGreaterThan(25);
  return report.probes
    .filter(({ id, ok }) => byHand[id] !== undefined && byHand[id] !== (ok === true))
    .map(({ id, ok, seen }) => `${id}: by hand ${byHand[id]}, doctor ${ok} (${seen})`);
}

async function lookByHand(steps: readonly string[]): Promise<ByHand> {
  const [file = '', ...args] =
    steps.length > 0 ? [program('test/doctor/break.c'), ...steps, '--', PYTHON, SCRIPT] : [PYTHON, SCRIPT];
  const { stdout } = await promisify(execFile)(file, args, { timeout: 25_000 });
  return JSON.parse(stdout) as ByHand;
}

test('here, as we are', async (context) => {
  needPython(context);
  const byHand = await lookByHand([]);
  const { report } = await doctorAfter([]);
  expect(disagreements(report, byHand)).toEqual([]);
});

test('here, as an ordinary user', async (context) => {
  needPython(context);
  if (!user) context.skip('needs root to become another user');
  const steps = [...(user?.steps ?? []), 'as', String(user?.uid)];
  const byHand = await lookByHand(steps);
  const { report } = await doctorAfter(steps);
  expect(disagreements(report, byHand)).toEqual([]);
});

test.for([
  { who: 'root', prefix: [] },
  { who: 'an ordinary user', prefix: ORDINARY },
] as const)(
  'in user-mode-linux, with cgroup v2, as $who',
  { timeout: 120_000 },
  async ({ prefix }, context) => {
    needPython(context);
    const problem = umlProblem();
    if (problem) context.skip(`needs user-mode-linux: ${problem}`);
    const script = `${process.execPath} dist/cli/main.js doctor --json; echo; echo ---; ${PYTHON} ${SCRIPT}`;
    const run = await runInUml([...prefix, 'sh', '-c', script], { cgroups: 'v2', timeoutMs: 110_000 });
    const [doctor = '', byHand = ''] = run.stdout.split('\n---\n');
    expect(byHand, run.stderr + run.console).not.toBe('');
    const report = JSON.parse(doctor) as Report;
    expect(disagreements(report, JSON.parse(byHand) as ByHand)).toEqual([]);
    expect(report.probes.filter(({ seen }) => seen.startsWith('no answer'))).toEqual([]);
  },
);
