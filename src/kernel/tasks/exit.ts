/**
 * The end of tasks and of processes (exit(2), exit_group(2), wait(2) "NOTES"; Linux: kernel/exit.c).
 *
 * A task that runs guest code cannot be taken away under it: it is alerted, and ends when it comes by. Its address
 * space goes with its last task, so that no guest code runs on pages that belong to somebody else by then.
 */
import { SIGNALS } from '../../linux/signals.ts';
import { CLD_DUMPED, CLD_EXITED, CLD_KILLED, SI_KERNEL } from '../../linux/siginfo.ts';
import { Failure } from '../failure.ts';
import { SA_NOCLDWAIT, SIG_IGN } from '../signals/actions.ts';
import { ownerOf } from './credentials.ts';
import { childInfo, reportStop } from '../signals/job-control.ts';
import { leaveRobustFutexes } from './robust-list.ts';
import { wakeFutex } from './futex.ts';
import type { Task } from './task.ts';
import type { ThreadGroup } from './thread-group.ts';

/** Bit of a wait status: a core dump was written (wait(2), WCOREDUMP). */
export const CORE_DUMPED = 0x80;

/** As wait(2) encodes the end of a process that has called exit. */
export function exitedStatus(code: number): number {
  return (code & 0xff) << 8;
}

/** Ends one task, which is not running. @param status of the process, if it was the last */
export function exitTask(task: Task, status: number): void {
  if (task.dead) return;
  const { group } = task;
  task.kernel.tracer?.ended?.(task, group.exitStatus ?? status);
  releaseThreadState(task);
  task.dead = true;
  task.attention = true;
  task.abandonCall();
  task.cpu.pause();
  group.usage.user += task.cpu.used();
  releaseResources(task);
  group.tasks.delete(task);
  if (task !== group.leader) task.kernel.pids.removeTask(task);
  group.taskEnded.wake();
  if (group.tasks.size === 0) endProcess(group, group.exitStatus ?? status);
  else reportStop(group);
}

/** Ends the whole process (exit_group(2)). Tasks that run guest code end as soon as they come by. */
export function endGroup(group: ThreadGroup, status: number): void {
  if (group.ending) return;
  group.exitStatus = status;
  group.stopSignal = 0;
  for (const task of group.tasks) {
    if (task.waiting || task.held) exitTask(task, status);
    else task.alert();
  }
}

/** Also execve's. What other threads may wait for: futexes that it holds, and its tid (set_tid_address(2)). Bad addresses are its own fault. */
export function releaseThreadState(task: Task): void {
  try {
    leaveRobustFutexes(task);
    if (task.clearTid !== 0 && task.kernel.sharing.users(task.mm) > 1) {
      task.memory.writeU32(task.clearTid, 0);
      wakeFutex(task, task.clearTid, 1);
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
  task.clearTid = 0;
  task.robustList = 0;
}

function releaseResources(task: Task): void {
  const { kernel } = task;
  if (kernel.sharing.leave(task.files)) task.files.release();
  if (kernel.sharing.leave(task.fs)) task.fs.release();
  releaseMemory(task);
}

/** Also execve's: the task leaves its address space, and the parent that lent it by vfork goes on. */
export function releaseMemory(task: Task): void {
  const { mm, thread } = task;
  task.kernel.sharing.leave(mm);
  thread.owner = undefined;
  thread.release();
  if (mm.release()) mm.space.release(ownerOf(task.credentials));
  task.vforkDone?.wake();
  task.vforkDone = undefined;
}

function endProcess(group: ThreadGroup, status: number): void {
  const { kernel } = group;
  group.exitStatus = status;
  group.zombie = true;
  for (const hook of group.atExit) hook();
  group.program?.release();
  giveChildrenAway(group);
  group.processGroup.lost(group, group.parent);
  if (group.isSessionLeader) group.session.terminal?.leaderExited(group.session);
  group.ended.wake();
  notifyParent(group, status);
  if (group === kernel.init) kernel.end(status);
}

function giveChildrenAway(group: ThreadGroup): void {
  const heir = reaper(group);
  for (const child of group.children) {
    group.children.delete(child);
    child.parent = heir;
    // Its new parent has not asked for another signal, least of all for one that stops or kills it.
    child.exitSignal = SIGNALS.SIGCHLD;
    if (child.leader.deathSignal && !child.zombie) {
      child.send({ signal: child.leader.deathSignal, code: SI_KERNEL });
    }
    child.processGroup.lost(child, group);
    heir?.children.add(child);
    if (child.zombie) notifyParent(child, child.exitStatus!);
  }
}

/** The nearest ancestor that wants orphans, or the first process. */
function reaper(group: ThreadGroup): ThreadGroup | undefined {
  let { parent } = group;
  while (parent) {
    if ((parent.subreaper || parent === group.kernel.init) && !parent.zombie) return parent;
    parent = parent.parent;
  }
  return undefined;
}

function notifyParent(group: ThreadGroup, status: number): void {
  const { parent, exitSignal } = group;
  if (!parent) {
    if (group !== group.kernel.init) reap(group);
    return;
  }
  const signal = status & 0x7f;
  const code = signal === 0 ? CLD_EXITED : (status & CORE_DUMPED) === 0 ? CLD_KILLED : CLD_DUMPED;
  const action = parent.actions.get(SIGNALS.SIGCHLD);
  const ignored = exitSignal === SIGNALS.SIGCHLD && action.handler === SIG_IGN;
  const unwanted = ignored || (exitSignal === SIGNALS.SIGCHLD && (action.flags & SA_NOCLDWAIT) !== 0);
  if (unwanted) reap(group);
  // Before the signal: who waits for the child gets it, and the signal afterwards (Linux: do_wait looks again first).
  parent.childEvents.wake();
  if (exitSignal !== 0 && !ignored) parent.send(childInfo(group, exitSignal, code, signal || status >> 8));
}

/** Nothing is left of a zombie but what it used. */
export function reap(group: ThreadGroup): void {
  const { kernel, parent } = group;
  parent?.children.delete(group);
  if (parent) {
    parent.childrenUsage.add(group.usage);
    parent.childrenUsage.add(group.childrenUsage);
  }
  kernel.pids.removeTask(group.leader);
  kernel.pids.removeProcess(group);
}
