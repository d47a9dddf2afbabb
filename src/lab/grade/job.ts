/** What one run of a lab's grader is to grade, and what comes back from it. */
import type { Manifest } from '../manifest.ts';
import type { TaskResult } from '../outcome.ts';

export interface Submission {
  /** Names the submission in the results; unique within a job. */
  id: string;
  /** The file that takes exercise.ts's place. */
  file: string;
  /** The folder that its imports may come from. */
  root: string;
  seed: number;
  /** One of the repository's own: solution or mutant. */
  trusted: boolean;
}

export interface Job {
  submissions: Submission[];
  /** Only this task. */
  task?: string;
}

/** What a test says about itself; the reporter reads it. */
export interface Verdict extends TaskResult {
  submission: string;
}

export interface Graded {
  submission: Submission;
  manifest: Manifest;
  tasks: TaskResult[];
  warnings: string[];
}

declare module 'vitest' {
  interface ProvidedContext {
    /** By the lab's folder. */
    ring3Jobs: Record<string, Job>;
  }
}

/** What a test's meta carries to the reporter. */
export interface Meta {
  ring3?: Verdict;
  ring3Warnings?: string[];
}
