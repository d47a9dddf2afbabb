// loses: pivot — keeps the old root at /.old, as pivot_root(8) shows it, for what might still be needed from there
import type { StepInput } from 'ring3';
import type { RootfsSpec } from '../exercise.ts';
import { directory, rootfs as right } from '../solution.ts';

export function rootfs(spec: RootfsSpec): StepInput[] {
  const old = `${spec.root}/.old`;
  const keep: StepInput[] = [directory(old), { step: 'bind', source: '/', target: old, recursive: true }];
  return right(spec).flatMap((step) => (step.step === 'propagation' ? [step, ...keep] : [step]));
}
