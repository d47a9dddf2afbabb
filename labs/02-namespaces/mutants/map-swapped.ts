// loses: id-map, shifted — newuidmap takes inside first, docker prints outside first: one of them is misremembered
import type { StepInput } from 'ring3';
import type { World } from '../exercise.ts';
import { plan as right } from '../solution.ts';

export function plan(world: World): StepInput[] {
  return right(world).map((step): StepInput => {
    if (step.step !== 'idMap') return step;
    const swap = (kind: 'uid' | 'gid') =>
      step[kind].map(({ inside, outside, count }) => ({ inside: outside, outside: inside, count }));
    return { ...step, uid: swap('uid'), gid: swap('gid') };
  });
}
