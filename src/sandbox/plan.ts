/** From a spec to the plan of a confined child: the order here is the order in which its world comes into being. */
import { limitSteps, type CgroupHost } from '../confine/cgroups/index.ts';
import { becomeRoot, hostIdMaps } from '../confine/idmaps.ts';
import { DEFAULT_NAMESPACES, namespaceStep } from '../confine/namespaces.ts';
import type { StepInput } from '../confine/plan.ts';
import { dropPrivileges } from '../confine/privileges.ts';
import { rootfsSteps } from '../confine/rootfs/index.ts';
import type { RunSpec } from './spec.ts';

/** Where a name without a slash is looked for, inside. */
function searchPath(env: readonly string[]): string[] {
  const path = env.find((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  return path.split(':').filter((folder) => folder.startsWith('/'));
}

/** Where no --pids says otherwise: more than any program here needs, and less than harms a host. */
const MOST_PROCESSES = 1024;

function terminalSteps(spec: RunSpec): StepInput[] {
  // Without a session of its own the command could push input into our terminal (TIOCSTI, CVE-2017-5226).
  return spec.terminal ? [{ step: 'terminal', ...spec.terminal }] : [{ step: 'session' }];
}

/** @param cgroup the host's cgroups and the name of the group to make; needed when the spec has limits. */
export function runPlan(spec: RunSpec, cgroup: { host: CgroupHost; name: string }): StepInput[] {
  const maps = hostIdMaps();
  const limits = limitSteps(cgroup.host, spec.limits, cgroup.name);
  const joins = limits.length > 0;
  // A cgroup namespace is rooted where its maker is, so a child that is moved makes it only after the move.
  const types = DEFAULT_NAMESPACES.filter(
    (type) => !(type === 'net' && spec.net === 'host') && !(type === 'cgroup' && joins),
  );
  const ids = maps.step.setgroups === 'allow' ? { groups: [] } : {};
  return [
    ...limits,
    namespaceStep(types),
    // These need no ids: newuidmap is at work meanwhile.
    { step: 'hostname', name: spec.hostname },
    ...(spec.net === 'none' ? [{ step: 'loopback' } as const] : []),
    maps.step,
    ...becomeRoot(maps),
    ...rootfsSteps({
      ...(spec.rootfs !== undefined && { rootfs: spec.rootfs }),
      binds: spec.binds,
      current: spec.current,
      ownNetwork: spec.net === 'none',
      shiftedIds: maps.step.uid[0]!.outside !== process.getuid!(),
      ttyGroup: maps.step.gid.some(({ inside, count }) => inside <= 5 && 5 < inside + count),
    }),
    ...(joins ? [{ step: 'joined', unshareCgroup: true } as const] : []),
    { step: 'workdir', path: spec.workdir },
    ...dropPrivileges({
      keep: spec.capabilities,
      uid: spec.user.uid,
      gid: spec.user.gid,
      ...ids,
      umask: 0o022,
      // A bound on processes that needs no cgroup: since 5.14 it counts this user namespace alone (kernel/ucount.c).
      rlimits:
        spec.limits.pids === undefined ? { nproc: { soft: MOST_PROCESSES, hard: MOST_PROCESSES } } : {},
    }),
    ...(spec.init ? [{ step: 'init' } as const] : []),
    ...terminalSteps(spec),
    { step: 'closeDescriptors' },
    ...(spec.seccomp === undefined ? [] : [{ step: 'seccomp', program: spec.seccomp } as const]),
    {
      step: 'exec',
      file: spec.argv[0]!,
      argv: [...spec.argv],
      env: [...spec.env],
      search: searchPath(spec.env),
    },
  ];
}
