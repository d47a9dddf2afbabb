/** A lab whose prerequisites this host lacks is ungraded, and says which probe said so. */
import { expect, test, vi } from 'vitest';
import type { Lab } from '../../src/lab/catalog.ts';
import { check } from '../../src/lab/check.ts';
import { manifestSchema } from '../../src/lab/manifest.ts';
import { complete, has, scores } from '../../src/lab/score.ts';

vi.mock('../../src/doctor/index.ts', () => ({
  probes: new Map([
    ['fine', {}],
    ['slow', {}],
    ['missing', {}],
  ]),
  probe: async (id: string) => ({
    id,
    ok: { fine: true, slow: 'degraded', missing: false }[id],
    seen: `${id} was seen`,
    ...(id === 'missing' && { fix: 'buy another machine' }),
  }),
}));

const labWith = (prerequisites: string[]): Lab => ({
  folder: '/nowhere/91-sum',
  manifest: manifestSchema.parse({
    number: 91,
    name: 'sum',
    title: 'Sum',
    part: 'Test',
    hours: 1,
    prerequisites,
    tasks: [{ id: 'small', title: 'Small', points: 2 }],
  }),
});

test('a failed probe: ungraded, neither right nor wrong', async () => {
  const lab = labWith(['fine', 'slow', 'missing']);
  const [result] = await check([{ lab, file: '/nowhere', root: '/nowhere' }]);
  expect(result?.tasks[0]).toMatchObject({
    outcome: 'host-cannot',
    probe: 'missing',
    reason: 'missing was seen; buy another machine',
    score: 0,
  });
  expect(result).toMatchObject({ score: 0, max_score: 2, ungraded: 2 });
  const all = scores(result ? [result] : []);
  expect([has(all, 'wrong'), has(all, 'host-cannot'), all.labs.every(complete)]).toEqual([
    false,
    true,
    false,
  ]);
});

test('a probe that doctor does not have is the lab’s mistake', async () => {
  const lab = labWith(['magic']);
  await expect(check([{ lab, file: '/nowhere', root: '/nowhere' }])).rejects.toThrow(
    'doctor has no probe magic',
  );
});
