/**
 * What a lab's grade.test.ts is written with: `import { grade, wrong, hostCannot } from 'ring3/grade'`.
 *
 * In a nutshell: `grade` registers one vitest test a task for every submission of the job at hand; a task asks the
 * submission's process for its answers, carries them out itself, and looks. It returns when the answer is right and
 * throws when it is not: `wrong` and failed assertions are the submission's fault, `hostCannot` is nobody's, and
 * anything else is the grader's own.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { readManifest, type Manifest } from '../manifest.ts';
import { freshSeed, type Random } from '../random.ts';
import type { Student } from '../student/session.ts';
import type { Job } from './job.ts';
import { register } from './register.ts';

export { HostCannot, WrongAnswer, hostCannot, wrong, type Explanation } from '../outcome.ts';
export { deriveSeed, random, type Random } from '../random.ts';
export { hostIdMaps } from '../../confine/idmaps.ts';
export { carryOut, type Carried, type Identity, type ObserveOptions, type SeenWorld } from './observe.ts';
export * as seccomp from '../../confine/seccomp/index.ts';
export { Refusal, sync } from '../student/functions.ts';
export type { CallOptions } from '../student/conversation.ts';
export type { Attempt, Student } from '../student/session.ts';

/** What a task is given. */
export interface Examination {
  /** The submission, behind a wall. */
  student: Student;
  /** The run's seed: `ring3 lab check N --seed SEED` repeats it. */
  seed: number;
  /** Drawn from the seed and the task's id: as many fresh values as wanted. */
  random: Random;
  /** Runs after the task, however it ends, last registered first: kill, unmount, remove. */
  defer(cleanUp: () => unknown): void;
}

export type Examiner = (examination: Examination) => Promise<void> | void;

export interface LabGrader {
  manifest: Manifest;
  /** The lab's folder. */
  folder: string;
  /** `id` is one of lab.json's tasks. `timeoutMs`: longer than that and the grader is taken for broken. */
  task(id: string, examiner: Examiner, options?: { timeoutMs?: number }): void;
}

function jobAtHand(folder: string): Job {
  const jobs: Record<string, Job> | undefined = inject('ring3Jobs');
  if (jobs?.[folder]) return jobs[folder];
  const file = join(folder, 'exercise.ts');
  return { submissions: [{ id: 'exercise', file, root: folder, seed: freshSeed(), trusted: false }] };
}

/**
 * Grade the submissions of this run.
 * @param url import.meta.url of the lab's grade.test.ts
 * @throws when `define` leaves out a task of lab.json, or adds one
 */
export function grade(url: string, define: (lab: LabGrader) => void): void {
  const folder = dirname(fileURLToPath(url));
  const manifest = readManifest(folder);
  const examiners = new Map<string, { examiner: Examiner; timeoutMs?: number }>();
  define({
    manifest,
    folder,
    task(id, examiner, options = {}) {
      if (examiners.has(id)) throw new Error(`grade.test.ts defines the task ${id} twice`);
      examiners.set(id, { examiner, ...options });
    },
  });
  const known = new Set(manifest.tasks.map(({ id }) => id));
  for (const id of known) if (!examiners.has(id)) throw new Error(`grade.test.ts lacks the task ${id}`);
  for (const id of examiners.keys()) if (!known.has(id)) throw new Error(`lab.json lacks the task ${id}`);
  register(manifest, examiners, jobAtHand(folder));
}
