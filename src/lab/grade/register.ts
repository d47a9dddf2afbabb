/** One vitest suite a submission, one test a task, in the order of lab.json. */
import { stop } from 'esbuild';
import { afterAll, describe, test, type TestContext } from 'vitest';
import type { Manifest } from '../manifest.ts';
import { classify, type TaskResult } from '../outcome.ts';
import { deriveSeed, random } from '../random.ts';
import { Session } from '../student/session.ts';
import { compile } from '../student/compile.ts';
import type { Examination, Examiner } from './index.ts';
import type { Job, Meta, Submission, Verdict } from './job.ts';

const PRINTED = 2000;

interface Task {
  examiner: Examiner;
  timeoutMs?: number;
}

/** Counts what reaches the submission: a task that passes without having asked it anything proves nothing. */
class Asked extends Session {
  answers = 0;

  override async call(...args: Parameters<Session['call']>): Promise<never> {
    const value = await super.call(...args);
    this.answers++;
    return value as never;
  }

  override async attempt(...args: Parameters<Session['attempt']>) {
    const attempt = await super.attempt(...args);
    this.answers++;
    return attempt;
  }
}

/**
 * A process that was there before the task and is lost during it may have ended for what an earlier task left running
 * in it. Asked again, it starts afresh, and what it does then is this task's own.
 */
async function examine(id: string, task: Task, session: Asked, submission: Submission): Promise<TaskResult> {
  const inherited = session.alive;
  const result = await examineOnce(id, task, session, submission);
  if (result.outcome !== 'wrong' || !inherited || session.alive) return result;
  return examineOnce(id, task, session, submission);
}

async function examineOnce(
  id: string,
  task: Task,
  session: Asked,
  submission: Submission,
): Promise<TaskResult> {
  const cleanUps: (() => unknown)[] = [];
  const examination: Examination = {
    student: session,
    seed: submission.seed,
    random: random(deriveSeed(submission.seed, id)),
    defer: (cleanUp) => cleanUps.push(cleanUp),
  };
  const started = performance.now();
  const before = session.answers;
  let result: Pick<TaskResult, 'outcome' | 'reason'> = { outcome: 'passed', reason: '' };
  try {
    await task.examiner(examination);
    if (session.answers === before) throw new Error('passed without asking the submission anything');
  } catch (error) {
    result = classify(error);
  }
  for (const cleanUp of cleanUps.reverse()) {
    try {
      await cleanUp();
    } catch (error) {
      result = classify(new Error(`cleaning up: ${(error as Error).message}`));
    }
  }
  const printed = session.takePrinted().slice(-PRINTED);
  const milliseconds = Math.round(performance.now() - started);
  return { task: id, ...result, ...(printed && { printed }), milliseconds };
}

function report(context: TestContext, verdict: Verdict): void {
  (context.task.meta as Meta).ring3 = verdict;
  if (verdict.outcome === 'host-cannot') context.skip(`needs ${verdict.probe}: ${verdict.reason}`);
  if (verdict.outcome !== 'passed') throw new Error(`${verdict.outcome}: ${verdict.reason}`);
}

/** Whoever started us is gone, killed perhaps: nobody waits for verdicts, and our shims end what we started. */
function endWithParent(): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}

export function register(manifest: Manifest, tasks: ReadonlyMap<string, Task>, job: Job): void {
  const compiled = new Map<string, Promise<string>>();
  endWithParent();
  // Its service would outlive us by a moment.
  afterAll(() => stop());
  for (const submission of job.submissions) {
    describe(submission.id, () => {
      let session: Asked | undefined;
      afterAll(() => session?.close());
      for (const { id } of manifest.tasks) {
        const task = tasks.get(id);
        if (!task || (job.task && job.task !== id)) continue;
        // Far beyond what a few calls that time out can take: reaching it is the grader's fault.
        const timeout = task.timeoutMs ?? 30_000 + 6 * manifest.limits.timeoutMs;
        test(id, { timeout }, async (context) => {
          if (!session) {
            const code = compiled.get(submission.file) ?? compile(submission);
            code.catch(() => {});
            compiled.set(submission.file, code);
            session = new Asked(submission, manifest.limits, code);
          }
          const result = await examine(id, task, session, submission);
          if (session.warnings.length) (context.task.meta as Meta).ring3Warnings = session.warnings;
          report(context, { ...result, submission: submission.id });
        });
      }
    });
  }
}
