import { expect, it, vi } from 'vitest';
import { StepError } from '../../src/confine/child.ts';
import type { StepInput } from '../../src/confine/plan.ts';
import { carryOut } from '../../src/lab/grade/observe.ts';

const spawn = vi.hoisted(() => vi.fn<(plan: StepInput[]) => Promise<never>>());
vi.mock('../../src/confine/spawn.ts', () => ({ spawn }));

it('never tries the rest of a plan without its namespaces', async () => {
  const EPERM = 1;
  spawn.mockRejectedValue(new StepError(0, 'namespaces', EPERM, ''));
  const plan: StepInput[] = [
    { step: 'namespaces', types: ['user', 'uts'] },
    { step: 'hostname', name: 'oops' },
  ];
  await expect(carryOut(plan)).rejects.toThrow(StepError);
  expect(spawn).toHaveBeenCalledTimes(1);
});
