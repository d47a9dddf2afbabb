/** What poll, select and epoll_pwait share: waiting for descriptions, under a signal mask, and telling the time left. */
import { EFAULT, EINVAL, ETIMEDOUT } from '../../linux/errno.ts';
import { fail, Failure } from '../failure.ts';
import type { FileDescription } from '../files/description.ts';
import { hold, letGo } from '../files/special/hold.ts';
import { SignalSet } from '../signals/signal-set.ts';
import type { Task } from '../tasks/task.ts';
import { deadlineAfter } from './deadline.ts';

/** More descriptors than a process can have (/proc/sys/fs/nr_open). */
export const MOST_DESCRIPTORS = 1_048_576;

/** Waits until `attempt` is not -EAGAIN. @returns 0 at the deadline, -ERESTARTSYS when a signal came */
export async function waitForAny(
  task: Task,
  files: readonly FileDescription[],
  attempt: () => number,
  deadline: number,
): Promise<number> {
  const queues = new Set(files.map(({ waiters }) => waiters));
  hold(files);
  try {
    const result = await task.waitFor([...queues], attempt, deadline);
    return result === -ETIMEDOUT ? 0 : result;
  } finally {
    letGo(files);
  }
}

/** A mask that the caller may give; fails with EINVAL unless its size is 8 bytes. */
export function readMask(task: Task, address: number, size: number): SignalSet | undefined {
  if (address === 0) return undefined;
  if (size !== 8) fail(EINVAL);
  return new SignalSet(task.memory.readI32(address), task.memory.readI32(address + 4));
}

export function underMask(
  task: Task,
  mask: SignalSet | undefined,
  call: () => number | Promise<number>,
): number | Promise<number> {
  return mask ? task.withSignalMask(mask, call) : call();
}

/**
 * Does `call` with a deadline on the monotonic clock (-Infinity: do not wait), and lets `write` tell the caller how much of
 * the time is left. Nothing is told where the caller's timeout is read-only (Linux: poll_select_finish ignores the fault).
 *
 * @param timeout milliseconds
 */
export function withTimeLeft(
  task: Task,
  timeout: number,
  call: (deadline: number) => number | Promise<number>,
  write: (deadline: number) => void,
): number | Promise<number> {
  const deadline = deadlineAfter(task, timeout);
  const result = call(timeout === 0 ? -Infinity : deadline);
  const told = (value: number): number => {
    if (timeout === Infinity) return value;
    try {
      write(deadline);
    } catch (error) {
      if (!(error instanceof Failure) || error.errno !== EFAULT) throw error;
    }
    return value;
  };
  return typeof result === 'number' ? told(result) : result.then(told);
}
