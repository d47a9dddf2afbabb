/**
 * The grader is graded: the untouched exercise scores nothing, the solution everything, and every mutant (a
 * plausible wrong answer) loses the tasks that it names and only tasks that rest on them; each time it is asked.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './catalog.ts';
import type { Graded, Job, Submission } from './grade/job.ts';
import { restingOn } from './manifest.ts';
import type { Outcome } from './outcome.ts';
import { freshSeed } from './random.ts';

export const MUTANTS_WANTED = 8;

export interface Candidate {
  /** `exercise`, `solution` or `mutants/NAME`. */
  name: string;
  file: string;
  /** The tasks that it must lose; undefined for a mutant that does not say. */
  loses: string[] | undefined;
}

export interface Verified {
  candidate: string;
  runs: number;
  /** The outcome of each task, first run. */
  outcomes: Record<string, Outcome>;
  violations: string[];
}

export interface LabVerified {
  lab: string;
  number: number;
  ok: boolean;
  mutants: number;
  /** Tasks that this host could not grade, with the probe that said so. */
  hostCannot: { task: string; probe: string; reason: string }[];
  candidates: Verified[];
  violations: string[];
}

/** The tasks that a mutant's first line names: `// loses: a, b — why a student might write this`. */
export function losesOf(source: string): string[] | undefined {
  const match = /^\/\/ loses: ([a-z0-9-]+(?:, ?[a-z0-9-]+)*) — \S/.exec(source);
  return match?.[1]?.split(/, ?/);
}

export function candidates({ folder, manifest }: Lab): Candidate[] {
  const mutants = join(folder, 'mutants');
  const names = existsSync(mutants)
    ? readdirSync(mutants)
        .filter((name) => name.endsWith('.ts'))
        .sort()
    : [];
  return [
    { name: 'exercise', file: join(folder, 'exercise.ts'), loses: manifest.tasks.map(({ id }) => id) },
    { name: 'solution', file: join(folder, 'solution.ts'), loses: [] },
    ...names.map((name) => ({
      name: `mutants/${name.slice(0, -3)}`,
      file: join(mutants, name),
      loses: losesOf(readFileSync(join(mutants, name), 'utf8')),
    })),
  ];
}

/** Each candidate `repeats` times, with seeds of their own, round by round. */
export function verifyJob(lab: Lab, all: Candidate[], repeats: number, seed = freshSeed()): Job {
  const submissions: Submission[] = [];
  for (let round = 0; round < repeats; round++) {
    for (const { name, file } of all) {
      const id = `${name}#${round}`;
      submissions.push({
        id,
        file,
        root: lab.folder,
        seed: (seed + round) >>> 0,
        trusted: name !== 'exercise',
      });
    }
  }
  return { submissions };
}

function judgeRun(lab: Lab, { loses }: Candidate, run: Graded): string[] {
  const may = restingOn(lab.manifest.tasks, loses ?? []);
  const violations: string[] = [];
  for (const { task, outcome, reason } of run.tasks) {
    if (outcome === 'grader-broke') violations.push(`${task}: the grader broke: ${reason}`);
    else if (outcome === 'passed' && loses?.includes(task)) violations.push(`${task}: passed, and must not`);
    else if (outcome === 'wrong' && !may.has(task))
      violations.push(`${task}: lost, and must not be: ${reason}`);
  }
  return violations;
}

/** What went wrong in several runs is told once, with the first seed that shows it. */
function told(violations: Map<string, number[]>): string[] {
  return [...violations].map(([text, seeds]) =>
    seeds.length === 0 ? text : `${text} (in ${seeds.length} runs, seed ${seeds[0]})`,
  );
}

function judge(lab: Lab, candidate: Candidate, runs: Graded[]): Verified {
  const violations = new Map<string, number[]>();
  const tasks = lab.manifest.tasks.map(({ id }) => id);
  if (!candidate.loses) violations.set('its first line is not `// loses: task-id[, task-id] — why`', []);
  for (const task of candidate.loses ?? [])
    if (!tasks.includes(task)) violations.set(`there is no task ${task}`, []);
  for (const run of runs) {
    for (const text of judgeRun(lab, candidate, run)) {
      violations.set(text, [...(violations.get(text) ?? []), run.submission.seed]);
    }
  }
  const vectors = runs.map((run) => run.tasks.map(({ outcome }) => outcome).join(' '));
  const differing = vectors.filter((vector) => vector !== vectors[0]).length;
  if (differing) {
    violations.set(`${differing} of ${runs.length} runs came out differently from the first`, []);
  }
  const outcomes = Object.fromEntries((runs[0]?.tasks ?? []).map(({ task, outcome }) => [task, outcome]));
  return { candidate: candidate.name, runs: runs.length, outcomes, violations: told(violations) };
}

export function judgeLab(lab: Lab, all: Candidate[], graded: Graded[]): LabVerified {
  const verified = all.map((candidate) =>
    judge(
      lab,
      candidate,
      graded.filter(({ submission }) => submission.id.startsWith(`${candidate.name}#`)),
    ),
  );
  const mutants = all.length - 2;
  const violations =
    mutants < MUTANTS_WANTED ? [`${mutants} mutants; a lab has at least ${MUTANTS_WANTED}`] : [];
  const cannot = new Map<string, { task: string; probe: string; reason: string }>();
  for (const { task, outcome, probe, reason } of graded.flatMap(({ tasks }) => tasks)) {
    if (outcome === 'host-cannot') cannot.set(task, { task, probe: probe ?? '', reason });
  }
  return {
    lab: lab.manifest.name,
    number: lab.manifest.number,
    ok: violations.length === 0 && verified.every((one) => one.violations.length === 0),
    mutants,
    hostCannot: [...cannot.values()],
    candidates: verified,
    violations,
  };
}
