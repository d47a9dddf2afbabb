/** What becomes of a signal when its task is about to run guest code (Linux: get_signal, handle_signal; signal(7)). */
import { EINTR, ERESTARTNOINTR, ERESTARTSYS } from '../../linux/errno.ts';
import { SI_KERNEL, type SignalInfo } from '../../linux/siginfo.ts';
import { SIGNALS } from '../../linux/signals.ts';
import { Failure } from '../failure.ts';
import { CORE_DUMPED, endGroup } from '../tasks/exit.ts';
import type { Task } from '../tasks/task.ts';
import { DEFAULT_ACTION, SA_RESETHAND, SA_RESTART, SIG_DFL, SIG_IGN, defaultDisposition } from './actions.ts';
import type { SignalAction } from './actions.ts';
import { forceSignal } from './force.ts';
import { enterHandler, rewindCall } from './frame-x86-64.ts';
import { stopProcess } from './job-control.ts';
import { SignalSet } from './signal-set.ts';

/** Of several, those that an instruction has caused come first: the frame must show where. */
const SYNCHRONOUS = SignalSet.of(
  SIGNALS.SIGSEGV,
  SIGNALS.SIGBUS,
  SIGNALS.SIGILL,
  SIGNALS.SIGTRAP,
  SIGNALS.SIGFPE,
  SIGNALS.SIGSYS,
);

/** The next signal that the task does not block. */
export function takeSignal(task: Task): SignalInfo | undefined {
  const { pending, mask, group } = task;
  const killed = group.pending.take(SIGNALS.SIGKILL) ?? pending.take(SIGNALS.SIGKILL);
  if (killed) return killed;
  if (pending.set.beyond(mask)) {
    const own = pending.set;
    const caused = new SignalSet(own.low & SYNCHRONOUS.low, 0).firstBeyond(mask);
    return pending.take(caused || own.firstBeyond(mask));
  }
  const shared = group.pending.set.firstBeyond(mask);
  return shared === 0 ? undefined : group.pending.take(shared);
}

/** @returns a promise when the frame must wait for the vector registers */
export function deliver(task: Task, info: SignalInfo): Promise<void> | undefined {
  const { signal } = info;
  const { actions } = task.group;
  const action = actions.get(signal);
  task.kernel.tracer?.signal?.(task, info);
  if (action.handler === SIG_IGN) return undefined;
  if (action.handler === SIG_DFL) return takeDefault(task, signal);
  if ((action.flags & SA_RESETHAND) !== 0) actions.set(signal, { ...action, handler: SIG_DFL });
  settleResult(task, action);
  try {
    return enterHandler(task, info, action);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (signal === SIGNALS.SIGSEGV) actions.set(signal, DEFAULT_ACTION);
    forceSignal(task, { signal: SIGNALS.SIGSEGV, code: SI_KERNEL });
    return undefined;
  }
}

function takeDefault(task: Task, signal: number): undefined {
  const { group } = task;
  switch (defaultDisposition(signal)) {
    case 'terminate':
      endGroup(group, signal);
      break;
    case 'core':
      endGroup(group, group.limits.soft('core') > 0 ? signal | CORE_DUMPED : signal);
      break;
    case 'stop':
      if (signal === SIGNALS.SIGSTOP || !group.processGroup.orphaned) stopProcess(group, signal);
      break;
    default:
  }
  return undefined;
}

/** A handler is to run: the interrupted call fails with EINTR, or is made again after the handler (signal(7)). */
function settleResult(task: Task, action: SignalAction): void {
  const { result, thread } = task;
  if (result === undefined) return;
  task.result = undefined;
  task.restartBlock = undefined;
  const restarts =
    result === -ERESTARTNOINTR || (result === -ERESTARTSYS && (action.flags & SA_RESTART) !== 0);
  if (restarts) rewindCall(task);
  else thread.setResult(result <= -ERESTARTSYS && result >= -516 ? -EINTR : result);
}
