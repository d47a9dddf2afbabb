/** Limits: cgroups made, limited, joined before the first instruction, and removed. */
import { cgroupName, hostFor, limitSteps, type Limits } from '../../confine/cgroups/index.ts';
import { execStep } from '../program.ts';
import { planned } from './planned.ts';

/** Far from what `true` needs, so that only having a limit costs something. */
export const LIMITS: Limits = { memory: 256 * 2 ** 20, pids: 64 };

export const cgroupTarget = planned({
  name: 'limits',
  family: 'alone',
  title: 'cgroups that limit memory and processes',
  plan: (argv) => [...limitSteps(hostFor(LIMITS), LIMITS, cgroupName()), execStep(argv)],
});
