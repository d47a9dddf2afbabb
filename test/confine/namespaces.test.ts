import { expect, it } from 'vitest';
import { DEFAULT_NAMESPACES, namespaceStep } from '../../src/confine/namespaces.ts';
import { planSchema } from '../../src/confine/plan.ts';

it('gives all but time by default', () => {
  expect([...DEFAULT_NAMESPACES].sort()).toEqual(['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts']);
});

it('names each type once, whatever the order and the repeats', () => {
  expect(namespaceStep(['uts', 'pid', 'uts'])).toEqual({ step: 'namespaces', types: ['pid', 'uts'] });
  expect(planSchema.safeParse([namespaceStep(DEFAULT_NAMESPACES)]).success).toBe(true);
});
