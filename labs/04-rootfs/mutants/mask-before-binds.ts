// loses: siege — covers what is masked in the image and in proc, and then binds over it
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { bindStep, covers, dev, newRoot, places, proc, sealed } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  return [
    { step: 'propagation', target: '/', type: 'private' },
    ...newRoot(spec),
    ...places(spec),
    ...sealed(spec),
    ...proc(spec),
    ...dev(spec),
    ...covers(spec),
    ...spec.binds.map((bind) => bindStep(spec, bind)),
    { step: 'pivotRoot', root: spec.root },
    { step: 'workdir', path: spec.workdir },
  ];
}
