/**
 * How a signal becomes pending (Linux: kernel/signal.c, send_signal_locked). Stop signals and SIGCONT take each other
 * away at once, whether or not they will be delivered; ignored signals are dropped unless they are blocked.
 */
import { SIGNALS } from '../../linux/signals.ts';
import { CLD_CONTINUED, SI_KERNEL, type SignalInfo } from '../../linux/siginfo.ts';
import type { Task } from '../tasks/task.ts';
import type { ThreadGroup } from '../tasks/thread-group.ts';
import { endGroup } from '../tasks/exit.ts';
import type { SignalDetails } from '../time/signal-sink.ts';
import { CONTINUE_SIGNAL, STOP_SIGNALS } from './actions.ts';
import { notifyParentOfJob } from './job-control.ts';
import type { SignalSet } from './signal-set.ts';

export function signalInfo(signal: number, details?: SignalDetails): SignalInfo {
  if (!details) return { signal, code: SI_KERNEL };
  return { ...details, signal, code: details.code ?? SI_KERNEL, source: details };
}

/** @returns false when it was pending already, or found no room */
export function sendToTask(task: Task, info: SignalInfo): boolean {
  const { group } = task;
  if (info.signal === SIGNALS.SIGKILL) return kill(group);
  if (task.dead || !prepare(group, info.signal) || dropped(group, task, info.signal)) return true;
  const added = task.pending.add(info, group.limits.soft('sigpending'));
  group.signalArrived.wake();
  if (added && !task.mask.has(info.signal)) task.alert();
  return added;
}

export function sendToProcess(group: ThreadGroup, info: SignalInfo): boolean {
  if (info.signal === SIGNALS.SIGKILL) return kill(group);
  if (group.zombie || !prepare(group, info.signal)) return true;
  const target = receiver(group, info.signal);
  if (dropped(group, target ?? group.leader, info.signal)) return true;
  const added = group.pending.add(info, group.limits.soft('sigpending'));
  group.signalArrived.wake();
  if (added) target?.alert();
  return added;
}

/** Nothing holds it up: neither a mask, nor a stop, nor a wait that other signals do not end. */
function kill(group: ThreadGroup): boolean {
  if (!group.zombie) endGroup(group, SIGNALS.SIGKILL);
  return true;
}

/** A task that does not block it: the leader if it can be. */
function receiver(group: ThreadGroup, signal: number): Task | undefined {
  const { leader } = group;
  if (!leader.dead && !leader.mask.has(signal)) return leader;
  for (const task of group.tasks) if (!task.mask.has(signal)) return task;
  return undefined;
}

function dropped(group: ThreadGroup, task: Task, signal: number): boolean {
  return !task.mask.has(signal) && group.actions.ignores(signal);
}

/** @returns whether there is anything left to send it to */
function prepare(group: ThreadGroup, signal: number): boolean {
  if (group.ending) return false;
  if (signal === SIGNALS.SIGCONT) {
    discard(group, STOP_SIGNALS);
    continueProcess(group);
  } else if (STOP_SIGNALS.has(signal)) discard(group, CONTINUE_SIGNAL);
  return true;
}

function discard(group: ThreadGroup, signals: SignalSet): void {
  group.pending.discard(signals);
  for (const task of group.tasks) task.pending.discard(signals);
}

/** Lets its tasks go on, and tells the parent (wait4(2), WCONTINUED). */
function continueProcess(group: ThreadGroup): void {
  if (!group.stopping) return;
  const { stopped } = group;
  unstop(group);
  group.unreportedStop = false;
  if (!stopped) return;
  group.unreportedContinue = true;
  notifyParentOfJob(group, CLD_CONTINUED, SIGNALS.SIGCONT);
}

function unstop(group: ThreadGroup): void {
  group.stopSignal = 0;
  group.stopped = false;
  for (const task of group.tasks) if (task.held) group.kernel.goOn(task);
}
