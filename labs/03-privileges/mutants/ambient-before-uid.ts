// loses: ambient, kept — raises what is to stay before changing the user, who then loses it
import type { Capability } from 'ring3';
import type { Become, PrivilegeStep } from '../exercise.ts';
import { drop as right } from '../solution.ts';

export { afterExec } from '../solution.ts';

export function drop(keep: Capability[], become: Become): PrivilegeStep[] {
  const steps = right(keep, become);
  const uid = steps.findIndex(({ step }) => step === 'uid');
  const [change] = steps.splice(uid, 1);
  const more: Capability[] = [...keep, 'CAP_SETUID', 'CAP_SETPCAP'];
  const inheritable = become.uid === 0 ? [] : keep;
  const last = steps.findLastIndex(({ step }) => step === 'ambientSet');
  steps.splice(last + 1, 0, change!);
  return steps.map((step) =>
    step.step === 'capabilities' ? { ...step, effective: more, permitted: more, inheritable } : step,
  );
}
