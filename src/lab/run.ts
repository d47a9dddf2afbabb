/**
 * Runs a lab's grader: vitest, in this process's children, with the job handed in and the verdicts handed back.
 *
 * vitest's own opinion (passed, failed, skipped) is not used: a task has the outcome that its verdict says, and a
 * task without a verdict has none but the grader's failure.
 */
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { TestCase, TestModule, Reporter } from 'vitest/node';
import type { Graded, Job, Meta, Verdict } from './grade/job.ts';
import type { Lab } from './catalog.ts';
import { firstLine, type TaskResult } from './outcome.ts';
import { PACKAGE_ROOT } from './paths.ts';

export interface Assignment {
  lab: Lab;
  job: Job;
}

export type OnVerdict = (lab: string, verdict: Verdict) => void;

class Collector implements Reporter {
  verdicts = new Map<string, TaskResult>();
  failures = new Map<string, string>();
  broken = new Map<string, string>();
  warnings = new Set<string>();
  unhandled = '';
  private onVerdict: OnVerdict;

  constructor(onVerdict: OnVerdict) {
    this.onVerdict = onVerdict;
  }

  onTestCaseResult(test: TestCase): void {
    const folder = dirname(test.module.moduleId);
    const { ring3, ring3Warnings } = test.meta() as Meta;
    for (const warning of ring3Warnings ?? []) this.warnings.add(warning);
    if (ring3) {
      const { submission, ...result } = ring3;
      this.verdicts.set(key(folder, submission, ring3.task), result);
      this.onVerdict(folder, ring3);
    } else if (test.parent.type === 'suite') {
      const message = test.result().errors?.[0]?.message ?? 'did not finish';
      this.failures.set(key(folder, test.parent.name, test.name), firstLine(message));
    }
  }

  onTestModuleEnd(module: TestModule): void {
    const [error] = module.errors();
    if (error) this.broken.set(dirname(module.moduleId), firstLine(error.message));
  }

  onTestRunEnd(_modules: unknown, unhandled: readonly { message: string }[]): void {
    if (unhandled[0]) this.unhandled ||= firstLine(unhandled[0].message);
  }
}

const key = (folder: string, submission: string, task: string) => `${folder}\n${submission}\n${task}`;

/**
 * A lab's submissions are dealt out, so that all cores are busy to the end: labs differ a lot in what a run takes.
 * Each part is a project of vitest's with a job of its own for each lab.
 */
function deal(work: Assignment[], parts: number): Record<string, Job>[] {
  const dealt = Array.from({ length: parts }, (_, part) =>
    work.flatMap(({ lab, job }) => {
      const submissions = job.submissions.filter((_submission, at) => at % parts === part);
      return submissions.length ? [[lab.folder, { ...job, submissions }] as const] : [];
    }),
  );
  return dealt.filter((jobs) => jobs.length).map((jobs) => Object.fromEntries(jobs));
}

function graderOf(folder: string): string {
  return relative(PACKAGE_ROOT, join(folder, 'grade.test.ts'));
}

function vitestOptions(work: Assignment[], collector: Collector) {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const here = join(PACKAGE_ROOT, extension === 'ts' ? 'src' : 'dist');
  const alias = [
    { find: /^ring3\/grade$/, replacement: join(here, 'lab', 'grade', `index.${extension}`) },
    { find: /^ring3$/, replacement: join(here, `index.${extension}`) },
  ];
  const workers = availableParallelism();
  const projects = deal(work, workers).map((jobs, part) => ({
    root: PACKAGE_ROOT,
    resolve: { alias },
    test: {
      name: `${part}`,
      include: Object.keys(jobs).map(graderOf),
      pool: 'forks',
      provide: { ring3Jobs: jobs },
    },
  }));
  return {
    test: {
      config: false,
      root: PACKAGE_ROOT,
      projects,
      watch: false,
      reporters: [collector],
      maxWorkers: workers,
      cache: false,
      passWithNoTests: false,
    },
    vite: { configFile: false, logLevel: 'silent' },
  } as const;
}

function resultOf(task: string, folder: string, id: string, collector: Collector): TaskResult {
  const found = collector.verdicts.get(key(folder, id, task));
  if (found) return found;
  const reason = collector.failures.get(key(folder, id, task)) ?? collector.broken.get(folder);
  return {
    task,
    outcome: 'grader-broke',
    reason: reason ?? (collector.unhandled || 'the task did not run'),
    milliseconds: 0,
  };
}

function gather({ lab, job }: Assignment, collector: Collector): Graded[] {
  const tasks = lab.manifest.tasks.filter(({ id }) => !job.task || job.task === id);
  return job.submissions.map((submission) => ({
    submission,
    manifest: lab.manifest,
    tasks: tasks.map(({ id }) => resultOf(id, lab.folder, submission.id, collector)),
    warnings: [...collector.warnings],
  }));
}

/** Grade the submissions of some labs, labs side by side, a lab's submissions in order. Never rejects for what a submission does. */
export async function runGraders(work: Assignment[], onVerdict: OnVerdict = () => {}): Promise<Graded[][]> {
  const collector = new Collector(onVerdict);
  const { test, vite } = vitestOptions(work, collector);
  const exitCode = process.exitCode;
  // Loading vitest takes 0.4 s, which `lab list` and `--help` need not wait for.
  const { createVitest } = await import('vitest/node');
  const vitest = await createVitest('test', test as never, vite as never);
  try {
    await vitest.start();
  } catch (error) {
    collector.unhandled ||= (error as Error).message;
  } finally {
    await vitest.close();
    // vitest sets it as its own command would.
    process.exitCode = exitCode;
  }
  return work.map((one) => gather(one, collector));
}
