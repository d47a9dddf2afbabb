/** The reference. v1 and v2 share the idea and hardly a file name, so each function says both. */
import type { CgroupOp, Controller, Exit, Host, HostV1, HostV2, Limits, Verdict } from './exercise.ts';

export const create = (path: string): CgroupOp => ({ op: 'create', path });
export const write = (path: string, value: string | number): CgroupOp => ({
  op: 'write',
  path,
  value: String(value),
});
export const join = (path: string): CgroupOp => ({ op: 'join', path });
export const wait = (path: string, line: string): CgroupOp => ({ op: 'wait', path, line });
export const signal = (path: string): CgroupOp => ({ op: 'signal', path });
export const rmdir = (path: string): CgroupOp => ({ op: 'remove', path });
export const start: CgroupOp = { op: 'start' };

export const quotaOf = ({ cpus, period }: { cpus: number; period: number }) => Math.round(cpus * period);

/** The group's directory in each tree; on v2 there is one. */
export function directories(host: Host, name: string): string[] {
  return host.version === 1
    ? Object.values(host.bases).map((base) => `${base}/${name}`)
    : [`${host.base}/${name}`];
}

export function limit(host: Host, limits: Limits): CgroupOp[] {
  return host.version === 1 ? limitV1(host, limits) : limitV2(host, limits);
}

export function limitV1(host: HostV1, limits: Limits): CgroupOp[] {
  const groups = directories(host, limits.name);
  return [...groups.map(create), ...filesV1(host, limits), ...groups.map(join), start];
}

export function filesV1(host: HostV1, { name, memory, swap = 0, pids, cpu }: Limits): CgroupOp[] {
  const file = (controller: Controller, rest: string) => `${host.bases[controller]}/${name}/${rest}`;
  const ops: CgroupOp[] = [];
  if (memory !== undefined) {
    // First the part, then the sum: memsw may not be below memory, and memory begins as unlimited.
    ops.push(write(file('memory', 'memory.limit_in_bytes'), memory));
    if (host.swap) ops.push(write(file('memory', 'memory.memsw.limit_in_bytes'), memory + swap));
  }
  if (pids !== undefined) ops.push(write(file('pids', 'pids.max'), pids));
  if (cpu) {
    ops.push(write(file('cpu', 'cpu.cfs_period_us'), cpu.period));
    ops.push(write(file('cpu', 'cpu.cfs_quota_us'), quotaOf(cpu)));
  }
  return ops;
}

export function limitV2(host: HostV2, limits: Limits): CgroupOp[] {
  const group = `${host.base}/${limits.name}`;
  return [...passDown(host, limits), create(group), ...filesV2(host, limits), join(group), start];
}

/** Enable what the limits need below base; for that, base itself must be without processes. */
export function passDown(host: HostV2, limits: Limits): CgroupOp[] {
  const missing = (['memory', 'pids', 'cpu'] as const).filter(
    (controller) => limits[controller] !== undefined && !host.enabled.includes(controller),
  );
  if (missing.length === 0) return [];
  const leaf = `${host.base}/${limits.name}.supervisor`;
  const evacuate = host.members.map((pid) => write(`${leaf}/cgroup.procs`, pid));
  const enable = write(
    `${host.base}/cgroup.subtree_control`,
    missing.map((controller) => `+${controller}`).join(' '),
  );
  return [...(evacuate.length > 0 ? [create(leaf), ...evacuate] : []), enable];
}

export function filesV2(host: HostV2, { name, memory, swap = 0, pids, cpu }: Limits): CgroupOp[] {
  const file = (rest: string) => `${host.base}/${name}/${rest}`;
  const ops: CgroupOp[] = [];
  if (memory !== undefined) {
    ops.push(write(file('memory.max'), memory), write(file('memory.oom.group'), 1));
    if (host.swap) ops.push(write(file('memory.swap.max'), swap));
  }
  if (pids !== undefined) ops.push(write(file('pids.max'), pids));
  if (cpu) ops.push(write(file('cpu.max'), `${quotaOf(cpu)} ${cpu.period}`));
  return ops;
}

export function freeze(host: Host, name: string): CgroupOp[] {
  if (host.version === 1) {
    const state = `${host.bases.freezer}/${name}/freezer.state`;
    return [write(state, 'FROZEN'), wait(state, 'FROZEN')];
  }
  const group = `${host.base}/${name}`;
  return [write(`${group}/cgroup.freeze`, 1), wait(`${group}/cgroup.events`, 'frozen 1')];
}

export function thaw(host: Host, name: string): CgroupOp[] {
  return host.version === 1
    ? [write(`${host.bases.freezer}/${name}/freezer.state`, 'THAWED')]
    : [write(`${host.base}/${name}/cgroup.freeze`, 0)];
}

export function kill(host: Host, name: string): CgroupOp[] {
  if (host.version === 2 && host.killFile) return [write(`${host.base}/${name}/cgroup.kill`, 1)];
  // A list of processes is only true while none of them can fork.
  const group = host.version === 1 ? `${host.bases.freezer}/${name}` : `${host.base}/${name}`;
  return [...freeze(host, name), signal(`${group}/cgroup.procs`), ...thaw(host, name)];
}

export function remove(host: Host, name: string): CgroupOp[] {
  // Empty in one tree is empty in all: a dead process has left every one of them.
  return directories(host, name).flatMap((group) => [wait(`${group}/cgroup.procs`, ''), rmdir(group)]);
}

/** The number after `key` in a file of lines `key number`. */
export function counter(text: string | undefined, key: string): number {
  const line = text?.split('\n').find((each) => each.startsWith(`${key} `));
  return line ? Number(line.slice(key.length + 1)) : 0;
}

export function explain(host: Host, exit: Exit, files: Record<string, string>): Verdict {
  const oomKills = counter(files[host.version === 1 ? 'memory.oom_control' : 'memory.events'], 'oom_kill');
  const peak = files[host.version === 1 ? 'memory.max_usage_in_bytes' : 'memory.peak'];
  // The OOM killer uses SIGKILL; a group in which it killed another process may have ended in peace.
  const oom = exit.signal === 'SIGKILL' && oomKills > 0;
  return {
    cause: oom ? 'out of memory' : exit.signal === null ? 'exited' : 'signalled',
    oomKills,
    refusedForks: counter(files['pids.events'], 'max'),
    peak: peak === undefined ? null : Number(peak),
  };
}
