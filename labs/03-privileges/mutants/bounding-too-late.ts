// loses: bounding — tidies up after the capabilities have gone, CAP_SETPCAP among them
import type { Capability } from 'ring3';
import type { Become, PrivilegeStep } from '../exercise.ts';
import { drop as right } from '../solution.ts';

export { afterExec } from '../solution.ts';

export function drop(keep: Capability[], become: Become): PrivilegeStep[] {
  const steps = right(keep, become);
  const [bounding] = steps.splice(
    steps.findIndex(({ step }) => step === 'boundingSet'),
    1,
  );
  return [...steps, bounding!];
}
