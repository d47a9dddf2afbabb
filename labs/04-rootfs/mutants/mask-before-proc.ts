// loses: masks — covers what was there before; the proc is mounted over the covers
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { bindStep, covers, dev, newRoot, places, proc, sealed } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  return [
    { step: 'propagation', target: '/', type: 'private' },
    ...newRoot(spec),
    ...places(spec),
    ...sealed(spec),
    ...covers(spec),
    ...proc(spec),
    ...dev(spec),
    ...spec.binds.map((bind) => bindStep(spec, bind)),
    { step: 'pivotRoot', root: spec.root },
    { step: 'workdir', path: spec.workdir },
  ];
}
