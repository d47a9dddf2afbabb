/** From outcomes to points. */
import type { Graded } from './grade/job.ts';
import { folderName } from './manifest.ts';
import type { Outcome, TaskResult } from './outcome.ts';

export interface TaskScore {
  id: string;
  title: string;
  points: number;
  score: number;
  optional: boolean;
  outcome: Outcome;
  reason: string;
  expected?: string;
  seen?: string;
  show?: string;
  read?: string;
  probe?: string;
  printed?: string;
  milliseconds: number;
}

export interface LabScore {
  number: number;
  name: string;
  title: string;
  seed: number;
  score: number;
  max_score: number;
  /** Points of the tasks that could not be graded here; they are part of max_score. */
  ungraded: number;
  tasks: TaskScore[];
  warnings: string[];
}

export interface Scores {
  score: number;
  max_score: number;
  ungraded: number;
  labs: LabScore[];
}

const sum = (numbers: number[]) => numbers.reduce((total, next) => total + next, 0);
const isUngraded = (outcome: Outcome) => outcome === 'host-cannot' || outcome === 'grader-broke';

function taskScore(graded: Graded, result: TaskResult): TaskScore {
  const task = graded.manifest.tasks.find(({ id }) => id === result.task);
  const points = task?.points ?? 0;
  const { number } = graded.manifest;
  const again = `ring3 lab check ${number} --task ${result.task} --seed ${graded.submission.seed}`;
  return {
    id: result.task,
    title: task?.title ?? result.task,
    points,
    score: result.outcome === 'passed' ? points : 0,
    optional: task?.optional ?? false,
    outcome: result.outcome,
    reason: result.reason,
    ...(result.explanation && { show: again, ...result.explanation }),
    ...(result.probe !== undefined && { probe: result.probe }),
    ...(result.printed !== undefined && { printed: result.printed }),
    milliseconds: result.milliseconds,
  };
}

export function labScore(graded: Graded): LabScore {
  const tasks = graded.tasks.map((result) => taskScore(graded, result));
  return {
    number: graded.manifest.number,
    name: folderName(graded.manifest),
    title: graded.manifest.title,
    seed: graded.submission.seed,
    score: sum(tasks.map(({ score }) => score)),
    max_score: sum(tasks.map(({ points }) => points)),
    ungraded: sum(tasks.filter(({ outcome }) => isUngraded(outcome)).map(({ points }) => points)),
    tasks,
    warnings: graded.warnings,
  };
}

export function scores(labs: LabScore[]): Scores {
  return {
    score: sum(labs.map(({ score }) => score)),
    max_score: sum(labs.map(({ max_score }) => max_score)),
    ungraded: sum(labs.map(({ ungraded }) => ungraded)),
    labs,
  };
}

/** Nothing wrong and nothing ungraded, optional tasks aside. */
export function complete(lab: LabScore): boolean {
  return lab.tasks.every(({ optional, outcome }) => optional || outcome === 'passed');
}

export function has(all: Scores, outcome: Outcome): boolean {
  return all.labs.some(({ tasks }) => tasks.some((task) => task.outcome === outcome));
}
