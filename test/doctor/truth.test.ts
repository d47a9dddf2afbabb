/** Doctor tells the truth: whatever is broken is named, nothing else is, and what rests on it is blamed on it. */
import { afterAll, describe, expect, test } from 'vitest';
import { baselineAfter, difference, doctorAfter, ordinaryUser } from './broken.ts';
import { cases, type Case } from './cases.ts';

/** Who asks: the steps before and after those of a case that make it so. */
interface Asker {
  who: 'root' | 'user';
  before: string[];
  after: string[];
}

const root = process.geteuid?.() === 0;
const user = root ? ordinaryUser() : undefined;
afterAll(() => user?.remove());

const askers: Asker[] = user
  ? [
      { who: 'root', before: [], after: [] },
      { who: 'user', before: user.steps, after: ['as', String(user.uid)] },
    ]
  : [{ who: 'user', before: ['no-new-privileges'], after: [] }];

/** What an ordinary user can break for himself. */
const OWN = ['refuse', 'refuse-value', 'refuse-flag', 'kill', 'core', 'processes'];

function obstacle({ impossible, steps }: Case): string | undefined {
  if (impossible !== undefined) return impossible;
  return root || OWN.includes(steps[0] ?? '') ? undefined : 'needs root to be broken';
}

describe.each(askers)('$who', ({ who, before, after }) => {
  const fitting = cases.filter(({ only }) => only === undefined || only === who);

  test.for(fitting)('$what', { timeout: 120_000 }, async (each, context) => {
    const problem = obstacle(each);
    if (problem) context.skip(problem);
    const { setup = [], steps, named } = each;
    // A case that enters a user namespace in the middle says so itself.
    const start = steps.includes('user') ? [] : setup;
    const baseline = await baselineAfter([...before, ...setup, ...after]);
    const broken = await doctorAfter([...before, ...start, ...steps, ...after]);

    const seen = difference(baseline.report, broken.report);
    expect(seen.named.sort()).toEqual([...named].sort());
    for (const [id, because] of Object.entries(seen.resting)) expect(named, id).toContain(because);
    expect(broken.report.milliseconds).toBeLessThan(1.5 * broken.report.timeLimit);
  });
});
