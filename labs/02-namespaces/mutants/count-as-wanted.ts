// loses: id-map — one map for both worlds; it works when one tries it as root
import type { StepInput } from 'ring3';
import type { World } from '../exercise.ts';
import { plan as right } from '../solution.ts';

export function plan(world: World): StepInput[] {
  return right(world).map((step): StepInput => {
    if (step.step !== 'idMap') return step;
    const widen = (kind: 'uid' | 'gid') => step[kind].map((row) => ({ ...row, count: world.wanted }));
    return { ...step, uid: widen('uid'), gid: widen('gid') };
  });
}
