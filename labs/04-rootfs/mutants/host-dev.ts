// loses: dev — binds the host's /dev, with its disks, its terminals and its shared memory
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { bindStep, covers, newRoot, places, proc, sealed } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  return [
    { step: 'propagation', target: '/', type: 'private' },
    ...newRoot(spec),
    ...places(spec),
    ...sealed(spec),
    ...proc(spec),
    { step: 'bind', source: '/dev', target: `${spec.root}/dev`, recursive: true },
    ...spec.binds.map((bind) => bindStep(spec, bind)),
    ...covers(spec),
    { step: 'pivotRoot', root: spec.root },
    { step: 'workdir', path: spec.workdir },
  ];
}
