/** Stops and continuations of whole processes (Linux: do_signal_stop; signal(7), wait(2)). */
import { SIGNALS } from '../../linux/signals.ts';
import { CLD_STOPPED, type SignalInfo } from '../../linux/siginfo.ts';
import type { Task } from '../tasks/task.ts';
import type { ThreadGroup } from '../tasks/thread-group.ts';
import { SA_NOCLDSTOP } from './actions.ts';

/** siginfo of SIGCHLD. @param status exit status or signal */
export function childInfo(child: ThreadGroup, signal: number, code: number, status: number): SignalInfo {
  const ticks = Math.floor(child.cpuTime() / 10);
  return {
    signal,
    code,
    status,
    pid: child.pid,
    uid: child.leader.credentials.uid,
    utime: ticks,
    stime: 0,
  };
}

export function notifyParentOfJob(group: ThreadGroup, code: number, signal: number): void {
  const { parent } = group;
  if (!parent) return;
  // First, as at a child's end: who waits gets the child, and the signal afterwards.
  parent.childEvents.wake();
  if ((parent.actions.get(SIGNALS.SIGCHLD).flags & SA_NOCLDSTOP) === 0) {
    parent.send(childInfo(group, SIGNALS.SIGCHLD, code, signal));
  }
}

/** All tasks are to be held; each comes by when it leaves guest code or its call. */
export function stopProcess(group: ThreadGroup, signal: number): void {
  group.stopSignal = signal;
  for (const task of group.tasks) task.alert();
}

/** A task has come by on its way to the guest, and stays until the process continues. */
export function hold(task: Task): void {
  const { group } = task;
  task.held = true;
  task.cpu.pause();
  task.thread.idle();
  reportStop(group);
}

/** The process counts as stopped when its last task is held (or has ended meanwhile). */
export function reportStop(group: ThreadGroup): void {
  if (!group.stopping || group.stopped) return;
  for (const task of group.tasks) if (!task.held) return;
  group.stopped = true;
  group.unreportedStop = true;
  group.unreportedContinue = false;
  notifyParentOfJob(group, CLD_STOPPED, group.stopSignal);
}
