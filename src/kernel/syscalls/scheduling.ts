/**
 * Scheduling (sched(7)). The host schedules guests' threads; what guests set is kept and told, and has no effect.
 */
import { EINVAL, EPERM, ESRCH, EACCES } from '../../linux/errno.ts';
import { hasCapability } from '../tasks/credentials.ts';
import type { Task } from '../tasks/task.ts';
import type { ThreadGroup } from '../tasks/thread-group.ts';
import { partial, type SyscallFamily } from './handler.ts';
import { writeTimeSpec } from './deadline.ts';

const SCHED_FIFO = 1;
const SCHED_RR = 2;
/** SCHED_OTHER, BATCH, IDLE: priority 0 only. */
const ORDINARY: readonly number[] = [0, 3, 5];
const SCHED_RESET_ON_FORK = 0x4000_0000;
/** Bytes of the only processor mask that we have: 64 processors. */
const MASK_SIZE = 8;

function find(task: Task, tid: number): Task | undefined {
  return tid === 0 ? task : task.kernel.pids.task(tid);
}

function getAffinity(task: Task, args: Float64Array): number {
  const size = args[1]! >>> 0;
  if (size < MASK_SIZE || size % MASK_SIZE !== 0) return -EINVAL;
  if (!find(task, args[0]! | 0)) return -ESRCH;
  task.memory.writeI64(args[2]!, task.kernel.processors);
  return MASK_SIZE;
}

function setAffinity(task: Task, args: Float64Array): number {
  if (!find(task, args[0]! | 0)) return -ESRCH;
  const size = args[1]! >>> 0;
  if (size < 1) return -EINVAL;
  return (task.memory.readU8(args[2]!) & task.kernel.processors) === 0 ? -EINVAL : 0;
}

/** The other tasks' events come first. */
function schedYield(): number {
  return 0;
}

function getScheduler(task: Task, args: Float64Array): number {
  if ((args[0]! | 0) < 0) return -EINVAL;
  return find(task, args[0]! | 0)?.policy ?? -ESRCH;
}

function setPolicy(task: Task, tid: number, wanted: number, priority: number): number {
  const policy = wanted & ~SCHED_RESET_ON_FORK;
  if (tid < 0) return -EINVAL;
  const target = find(task, tid);
  if (!target) return -ESRCH;
  if (policy === SCHED_FIFO || policy === SCHED_RR) {
    if (priority < 1 || priority > 99) return -EINVAL;
    return -EPERM; // real time is not ours to give
  }
  if (!ORDINARY.includes(policy) || priority !== 0) return -EINVAL;
  target.policy = policy;
  return 0;
}

function setScheduler(task: Task, args: Float64Array): number {
  return setPolicy(task, args[0]! | 0, args[1]! | 0, task.memory.readI32(args[2]!));
}

function setParameter(task: Task, args: Float64Array): number {
  const target = find(task, args[0]! | 0);
  if (!target) return -ESRCH;
  return setPolicy(task, args[0]! | 0, target.policy, task.memory.readI32(args[1]!));
}

function getParameter(task: Task, args: Float64Array): number {
  if (!find(task, args[0]! | 0)) return -ESRCH;
  task.memory.writeU32(args[1]!, 0);
  return 0;
}

function priorityRange(realTime: number): (task: Task, args: Float64Array) => number {
  return (_task, args) => {
    const policy = args[0]! | 0;
    if (policy === SCHED_FIFO || policy === SCHED_RR) return realTime;
    return ORDINARY.includes(policy) || policy === 6 ? 0 : -EINVAL;
  };
}

function roundRobinInterval(task: Task, args: Float64Array): number {
  if (!find(task, args[0]! | 0)) return -ESRCH;
  writeTimeSpec(task.memory, args[1]!, { seconds: 0, nanoseconds: 4_000_000 });
  return 0;
}

const PRIO_PROCESS = 0;
const PRIO_PGRP = 1;
const PRIO_USER = 2;

/** Which processes a priority is of: one, a group, a user's. */
function processesOf(task: Task, which: number, who: number): ThreadGroup[] {
  const { pids } = task.kernel;
  if (which === PRIO_PROCESS) {
    const target = find(task, who);
    return target ? [target.group] : [];
  }
  if (which === PRIO_PGRP) {
    const group = who === 0 ? task.group.processGroup : pids.processGroup(who);
    return group ? [...group.members] : [];
  }
  const uid = who === 0 ? task.credentials.uid : who >>> 0;
  return [...pids.processes()].filter((process) => process.leader.credentials.uid === uid);
}

/** The call itself answers 20 - nice, so that it is never negative (getpriority(2), "C library/kernel differences"). */
function getPriority(task: Task, args: Float64Array): number {
  const which = args[0]! | 0;
  if (which < PRIO_PROCESS || which > PRIO_USER) return -EINVAL;
  const found = processesOf(task, which, args[1]! | 0);
  return found.length === 0 ? -ESRCH : Math.max(...found.map(({ nice }) => 20 - nice));
}

function setPriority(task: Task, args: Float64Array): number {
  const which = args[0]! | 0;
  if (which < PRIO_PROCESS || which > PRIO_USER) return -EINVAL;
  const nice = Math.max(-20, Math.min(19, args[2]! | 0));
  const found = processesOf(task, which, args[1]! | 0);
  let result = -ESRCH;
  for (const process of found) {
    const changed = setNice(task, process, nice);
    if (changed < 0 || result === -ESRCH) result = changed;
  }
  return result;
}

function setNice(task: Task, process: ThreadGroup, nice: number): number {
  const { credentials } = task;
  const privileged = hasCapability(credentials, 'CAP_SYS_NICE');
  const { uid, euid } = process.leader.credentials;
  if (!privileged && credentials.euid !== uid && credentials.euid !== euid) return -EPERM;
  const lowest = 20 - process.limits.soft('nice');
  if (nice < process.nice && nice < lowest && !privileged) return -EACCES;
  process.nice = nice;
  return 0;
}

const NO_EFFECT = 'kept, without effect';

export const scheduling: SyscallFamily = {
  sched_yield: schedYield,
  sched_getaffinity: partial('says how many processors there are', getAffinity),
  sched_setaffinity: partial('without effect', setAffinity),
  sched_getscheduler: getScheduler,
  sched_setscheduler: partial(`${NO_EFFECT}; no real-time policies`, setScheduler),
  sched_getparam: getParameter,
  sched_setparam: partial(NO_EFFECT, setParameter),
  sched_get_priority_max: priorityRange(99),
  sched_get_priority_min: priorityRange(1),
  sched_rr_get_interval: roundRobinInterval,
  getpriority: getPriority,
  setpriority: partial(NO_EFFECT, setPriority),
};
