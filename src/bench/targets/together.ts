/** All confinements at once: what `ring3 run` does, without limits and with them. */
import { cgroupName, hostFor, type CgroupHost, type Limits } from '../../confine/cgroups/index.ts';
import type { StepInput } from '../../confine/plan.ts';
import { DEFAULT_CAPABILITIES } from '../../confine/privileges.ts';
import { runPlan } from '../../sandbox/plan.ts';
import { seccompProgram } from '../../sandbox/seccomp.ts';
import type { RunSpec } from '../../sandbox/spec.ts';
import { PATH } from '../program.ts';
import type { Target } from '../target.ts';
import { LIMITS } from './cgroup.ts';
import { planned } from './planned.ts';

let filter: string | undefined;

/** `ring3 run` as it is when nothing but `asked` is asked for. */
function defaultSpec(argv: readonly string[], asked: Partial<RunSpec>): RunSpec {
  filter ??= seccompProgram('default', DEFAULT_CAPABILITIES);
  return {
    argv,
    env: [`PATH=${PATH}`, 'HOME=/root'],
    binds: [],
    current: process.cwd(),
    workdir: '/',
    user: { uid: 0, gid: 0 },
    hostname: 'ring3',
    net: 'none',
    limits: {},
    capabilities: DEFAULT_CAPABILITIES,
    init: false,
    ...(filter !== undefined && { seccomp: filter }),
    ...asked,
  };
}

export function allPlan(argv: readonly string[], asked: Partial<RunSpec> = {}): StepInput[] {
  const { limits = {} } = asked;
  const host: CgroupHost = Object.keys(limits).length > 0 ? hostFor(limits) : { layout: 'none', v1: [] };
  return runPlan(defaultSpec(argv, asked), { host, name: cgroupName() });
}

function together(name: string, title: string, limits: Limits): Target {
  return planned({ name, family: 'together', title, plan: (argv) => allPlan(argv, { limits }) });
}

export const all = together('all', 'ring3 run: all of the above but limits', {});
export const allLimited = together('all+limits', 'ring3 run --memory 256M --pids 64', LIMITS);
