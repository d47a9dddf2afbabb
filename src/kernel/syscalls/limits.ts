/** Resource limits and usage: prlimit64(2), getrusage(2), times(2). */
import { EINVAL, EPERM, ESRCH } from '../../linux/errno.ts';
import { RESOURCES } from '../../linux/resources.ts';
import { encodeUsage } from '../../linux/rusage.ts';
import { usageOf as memoryUsageOf } from '../memory/usage.ts';
import { hasCapability } from '../tasks/credentials.ts';
import type { Limit } from '../tasks/limits.ts';
import { ResourceUsage } from '../tasks/resource-usage.ts';
import type { Task } from '../tasks/task.ts';
import type { ThreadGroup } from '../tasks/thread-group.ts';
import { partial, type SyscallFamily } from './handler.ts';

/** RLIM_INFINITY is all ones: -1 as a signed value. */
function readLimit(task: Task, address: number): Limit {
  const [soft, hard] = [task.memory.readI64(address), task.memory.readI64(address + 8)];
  return { soft: soft < 0 ? Infinity : soft, hard: hard < 0 ? Infinity : hard };
}

function writeLimit(task: Task, address: number, { soft, hard }: Readonly<Limit>): void {
  task.memory.writeI64(address, soft === Infinity ? -1 : soft);
  task.memory.writeI64(address + 8, hard === Infinity ? -1 : hard);
}

/** No process may have more descriptors (/proc/sys/fs/nr_open). */
const MOST_DESCRIPTORS = 1_048_576;

function change(task: Task, process: ThreadGroup, index: number, limit: Limit): number {
  const resource = RESOURCES[index]!;
  const old = process.limits.get(resource);
  if (limit.soft > limit.hard) return -EINVAL;
  if (resource === 'nofile' && limit.hard > MOST_DESCRIPTORS) return -EPERM;
  if (limit.hard > old.hard && !hasCapability(task.credentials, 'CAP_SYS_RESOURCE')) return -EPERM;
  process.limits.set(resource, limit);
  for (const each of process.tasks) {
    if (resource === 'nofile') each.files.limit = limit.soft;
    if (resource === 'as') each.mm.limit = limit.soft;
  }
  return 0;
}

function prlimit64(task: Task, args: Float64Array): number {
  const [pid, index] = [args[0]! | 0, args[1]! | 0];
  const [newAt, oldAt] = [args[2]!, args[3]!];
  const resource = RESOURCES[index];
  if (!resource) return -EINVAL;
  const process = pid === 0 ? task.group : task.kernel.pids.task(pid)?.group;
  if (!process) return -ESRCH;
  if (process !== task.group && !mayLimit(task, process)) return -EPERM;
  const old = { ...process.limits.get(resource) };
  if (newAt !== 0) {
    const result = change(task, process, index, readLimit(task, newAt));
    if (result < 0) return result;
  }
  if (oldAt !== 0) writeLimit(task, oldAt, old);
  return 0;
}

function mayLimit(task: Task, process: ThreadGroup): boolean {
  const { uid, gid } = task.credentials;
  const other = process.leader.credentials;
  const same = [other.uid, other.euid, other.suid].every((id) => id === uid);
  const sameGroup = [other.gid, other.egid, other.sgid].every((id) => id === gid);
  return (same && sameGroup) || hasCapability(task.credentials, 'CAP_SYS_RESOURCE');
}

function getrlimit(task: Task, args: Float64Array): number {
  const resource = RESOURCES[args[0]! | 0];
  if (!resource) return -EINVAL;
  writeLimit(task, args[1]!, task.group.limits.get(resource));
  return 0;
}

function setrlimit(task: Task, args: Float64Array): number {
  const index = args[0]! | 0;
  if (!RESOURCES[index]) return -EINVAL;
  return change(task, task.group, index, readLimit(task, args[1]!));
}

const RUSAGE_SELF = 0;
const RUSAGE_CHILDREN = -1;
const RUSAGE_THREAD = 1;

/** The resident set is looked at when somebody asks: the largest that was seen counts. */
function ownUsage({ group, mm }: Task): ResourceUsage {
  const { own, file } = memoryUsageOf(mm);
  group.usage.maxResident = Math.max(group.usage.maxResident, Math.floor((own + file) / 1024));
  return group.ownUsage();
}

function usageOf(task: Task, who: number): ResourceUsage | undefined {
  if (who === RUSAGE_SELF) return ownUsage(task);
  if (who === RUSAGE_CHILDREN) return task.group.childrenUsage;
  if (who !== RUSAGE_THREAD) return undefined;
  const usage = new ResourceUsage();
  usage.user = task.cpuTime();
  return usage;
}

function getrusage(task: Task, args: Float64Array): number {
  const usage = usageOf(task, args[0]! | 0);
  if (!usage) return -EINVAL;
  task.memory.writeBytes(args[1]!, encodeUsage(usage));
  return 0;
}

/** Milliseconds in a tick (sysconf(3), _SC_CLK_TCK is 100). */
const TICK = 10;

function times(task: Task, args: Float64Array): number {
  const { kernel, group, memory } = task;
  if (args[0] !== 0) {
    const own = group.ownUsage();
    const { childrenUsage } = group;
    [own.user, own.system, childrenUsage.user, childrenUsage.system].forEach((ms, index) =>
      memory.writeI64(args[0]! + 8 * index, Math.floor(ms / TICK)),
    );
  }
  return Math.floor(kernel.clock.monotonic() / TICK);
}

const ENFORCED = 'enforced: nofile, as, stack, nproc, sigpending, and fsize for writes';
const COUNTED = 'processor time, all of it the user’s; no faults, switches, blocks';

export const limits: SyscallFamily = {
  prlimit64: partial(ENFORCED, prlimit64),
  getrlimit,
  setrlimit: partial(ENFORCED, setrlimit),
  getrusage: partial(COUNTED, getrusage),
  times: partial(COUNTED, times),
};
