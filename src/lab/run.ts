/**
 * Runs a lab's grader: vitest, in this process's children, with the job handed in and the verdicts handed back.
 *
 * vitest's own opinion (passed, failed, skipped) is not used: a task has the outcome that its verdict says, and a
 * task without a verdict has none but the grader's failure.
 */
import { join } from 'node:path';
import { createVitest, type TestCase, type TestModule, type Reporter } from 'vitest/node';
import type { Graded, Job, Verdict } from './grade/job.ts';
import type { Lab } from './catalog.ts';
import type { TaskResult } from './outcome.ts';
import { LABS, PACKAGE_ROOT } from './paths.ts';

export type OnVerdict = (verdict: Verdict) => void;

class Collector implements Reporter {
  verdicts: Verdict[] = [];
  failures = new Map<string, string>();
  warnings = new Set<string>();
  broken = '';
  private onVerdict: OnVerdict;

  constructor(onVerdict: OnVerdict) {
    this.onVerdict = onVerdict;
  }

  onTestCaseResult(test: TestCase): void {
    const { ring3, ring3Warnings } = test.meta();
    for (const warning of ring3Warnings ?? []) this.warnings.add(warning);
    const { errors } = test.result();
    if (ring3) {
      this.verdicts.push(ring3);
      this.onVerdict(ring3);
    } else if (test.parent.type === 'suite') {
      this.failures.set(key(test.parent.name, test.name), errors?.[0]?.message ?? 'did not finish');
    }
  }

  onTestModuleEnd(module: TestModule): void {
    const [error] = module.errors();
    if (error) this.broken ||= error.message;
  }

  onTestRunEnd(_modules: unknown, unhandled: readonly { message: string }[]): void {
    if (unhandled[0]) this.broken ||= unhandled[0].message;
  }
}

const key = (submission: string, task: string) => `${submission}\n${task}`;

function vitestOptions(lab: Lab, job: Job, collector: Collector) {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const here = join(PACKAGE_ROOT, extension === 'ts' ? 'src' : 'dist');
  return {
    test: {
      config: false,
      root: LABS,
      dir: lab.folder,
      include: ['grade.test.ts'],
      watch: false,
      reporters: [collector],
      pool: 'forks',
      maxWorkers: 1,
      cache: false,
      provide: { ring3Job: job },
      passWithNoTests: true,
      includeTaskLocation: false,
    },
    vite: {
      configFile: false,
      logLevel: 'silent',
      cacheDir: join(PACKAGE_ROOT, 'node_modules', '.ring3', 'vite'),
      resolve: {
        alias: [
          { find: /^ring3\/grade$/, replacement: join(here, 'lab', 'grade', `index.${extension}`) },
          { find: /^ring3$/, replacement: join(here, `index.${extension}`) },
        ],
      },
    },
  } as const;
}

function resultOf(task: string, id: string, collector: Collector): TaskResult {
  const found = collector.verdicts.find((one) => one.submission === id && one.task === task);
  if (found) {
    const { submission: _, ...result } = found;
    return result;
  }
  const reason = collector.failures.get(key(id, task)) ?? (collector.broken || 'the task did not run');
  return { task, outcome: 'grader-broke', reason, milliseconds: 0 };
}

/** Grade a job's submissions, in order. Never rejects for what a submission does. */
export async function runGrader(lab: Lab, job: Job, onVerdict: OnVerdict = () => {}): Promise<Graded[]> {
  const collector = new Collector(onVerdict);
  const { test, vite } = vitestOptions(lab, job, collector);
  const exitCode = process.exitCode;
  const vitest = await createVitest('test', test as never, vite as never);
  try {
    await vitest.start();
  } catch (error) {
    collector.broken ||= (error as Error).message;
  } finally {
    await vitest.close();
    // vitest sets it as its own command would.
    process.exitCode = exitCode;
  }
  const tasks = lab.manifest.tasks.filter(({ id }) => !job.task || job.task === id);
  return job.submissions.map((submission) => ({
    submission,
    manifest: lab.manifest,
    tasks: tasks.map(({ id }) => resultOf(id, submission.id, collector)),
    warnings: [...collector.warnings],
  }));
}
