/** The default filter on system calls. */
import type { StepInput } from '../../confine/plan.ts';
import { DEFAULT_CAPABILITIES } from '../../confine/privileges.ts';
import { seccompProgram } from '../../sandbox/seccomp.ts';
import { execStep } from '../program.ts';
import { planned } from './planned.ts';

/** @returns the steps that install it; without no_new_privs that would need CAP_SYS_ADMIN (seccomp(2)). */
export function seccompSteps(): StepInput[] {
  const program = seccompProgram('default', DEFAULT_CAPABILITIES);
  if (program === undefined) throw new Error('this version has no default filter');
  return [{ step: 'noNewPrivs' }, { step: 'seccomp', program }];
}

let steps: StepInput[] | undefined;

export const seccomp = planned({
  name: 'seccomp',
  family: 'alone',
  title: 'the default filter on system calls',
  plan: (argv) => [...(steps ??= seccompSteps()), execStep(argv)],
});
