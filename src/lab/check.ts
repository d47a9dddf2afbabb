/** Grading the exercises of one folder. */
import type { Lab } from './catalog.ts';
import type { Graded, Job } from './grade/job.ts';
import { unmetPrerequisite } from './prerequisites.ts';
import { freshSeed } from './random.ts';
import { runGraders, type OnVerdict } from './run.ts';
import { labScore, type LabScore } from './score.ts';

export interface Exercise {
  lab: Lab;
  file: string;
  /** Its imports may come from here. */
  root: string;
}

export interface CheckOptions {
  seed?: number;
  /** Only this task. */
  task?: string;
  onVerdict?: OnVerdict;
}

/** A lab that this host cannot grade at all. */
function ungraded(lab: Lab, job: Job, probe: string, reason: string): Graded[] {
  const tasks = lab.manifest.tasks.filter(({ id }) => !job.task || id === job.task);
  return job.submissions.map((submission) => ({
    submission,
    manifest: lab.manifest,
    tasks: tasks.map(({ id }) => ({ task: id, outcome: 'host-cannot', reason, probe, milliseconds: 0 })),
    warnings: [],
  }));
}

/** Grade jobs; those whose lab lacks a prerequisite here come out as host-cannot without being run. */
export async function gradeJobs(work: { lab: Lab; job: Job }[], onVerdict?: OnVerdict): Promise<Graded[][]> {
  const missing = await Promise.all(work.map(({ lab }) => unmetPrerequisite(lab)));
  const runnable = work.filter((_, at) => !missing[at]);
  const graded = runnable.length ? await runGraders(runnable, onVerdict) : [];
  return work.map((one, at) => {
    const lack = missing[at];
    if (lack) return ungraded(one.lab, one.job, lack.probe, lack.reason);
    return graded[runnable.indexOf(one)] ?? [];
  });
}

export async function check(exercises: Exercise[], options: CheckOptions = {}): Promise<LabScore[]> {
  const seed = options.seed ?? freshSeed();
  const work = exercises.map(({ lab, file, root }) => {
    const submissions = [{ id: 'exercise', file, root, seed, trusted: false }];
    return { lab, job: { submissions, ...(options.task && { task: options.task }) } };
  });
  const graded = await gradeJobs(work, options.onVerdict);
  return graded.flat().map(labScore);
}
