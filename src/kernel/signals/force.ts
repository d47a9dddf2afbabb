/** Signals that a task brings on itself: they cannot be put off (Linux: force_sig_info). */
import type { SignalInfo } from '../../linux/siginfo.ts';
import type { Task } from '../tasks/task.ts';
import { DEFAULT_ACTION, SIG_IGN } from './actions.ts';

/** One that is blocked or ignored takes its default action instead, which ends the process. */
export function forceSignal(task: Task, info: SignalInfo): void {
  const { actions } = task.group;
  const blocked = task.mask.has(info.signal);
  if (blocked || actions.get(info.signal).handler === SIG_IGN) actions.set(info.signal, DEFAULT_ACTION);
  if (blocked) task.mask.delete(info.signal);
  task.pending.add(info, Infinity);
  task.attention = true;
}
