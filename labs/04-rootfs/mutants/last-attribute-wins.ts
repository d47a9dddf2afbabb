// loses: binds — one bind an attribute, each over the last: the one on top has only the attribute that came last
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { bindStep, rootfs as right } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  const once = right({
    ...spec,
    binds: spec.binds.map((bind) => ({ ...bind, attributes: bind.attributes.slice(0, 1) })),
  });
  const pivot = once.findIndex(({ step }) => step === 'pivotRoot');
  const again = spec.binds.flatMap((bind) =>
    bind.attributes.slice(1).map((attribute) => bindStep(spec, { ...bind, attributes: [attribute] })),
  );
  return [...once.slice(0, pivot), ...again, ...once.slice(pivot)];
}
