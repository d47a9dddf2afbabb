/** Reading and writing another process's memory (process_vm_readv(2)). */
import { EINVAL, EPERM, ESRCH } from '../../linux/errno.ts';
import { Failure } from '../failure.ts';
import type { IoVector } from '../memory/io-vector.ts';
import { hasCapability } from '../tasks/credentials.ts';
import type { Task } from '../tasks/task.ts';
import { partial, type SyscallFamily } from './handler.ts';
import { readRanges } from './vectors.ts';

/** More than this is not moved in one call: nobody else runs meanwhile. */
const MOST_MOVED = 64 * 2 ** 20;

/** What ptrace(2) would allow: to the same user, and to CAP_SYS_PTRACE. */
function mayReach(task: Task, target: Task): boolean {
  const { fsuid, fsgid } = task.credentials;
  const { uid, euid, suid, gid, egid, sgid } = target.credentials;
  const sameUser = fsuid === uid && fsuid === euid && fsuid === suid;
  const sameGroup = fsgid === gid && fsgid === egid && fsgid === sgid;
  return (
    task.mm === target.mm || (sameUser && sameGroup) || hasCapability(task.credentials, 'CAP_SYS_PTRACE')
  );
}

/** @returns bytes moved until the shorter of the two is used up, or a page is missing */
function transfer(from: IoVector, to: IoVector): number {
  try {
    while (from.moved < MOST_MOVED && from.remaining > 0 && to.remaining > 0) {
      // Both may be of one user memory, which has but one stretch: the first is read before the second is asked for.
      const { buffer, start, length } = from.stretch(Math.min(from.remaining, to.remaining));
      const target = to.stretch(length);
      const count = Math.min(length, target.length);
      buffer.copy(target.buffer, target.start, start, start + count);
      from.advance(count);
      to.advance(count);
    }
  } catch (error) {
    if (!(error instanceof Failure) || from.moved === 0) throw error;
  }
  return from.moved;
}

function move(task: Task, args: Float64Array, toTarget: boolean): number {
  const [pid = 0, local = 0, localCount = 0, remote = 0, remoteCount = 0, flags = 0] = args;
  if (flags !== 0) return -EINVAL;
  const own = readRanges(task, local, localCount, !toTarget);
  if (typeof own === 'number') return own;
  const target = task.kernel.pids.task(pid | 0);
  if (!target || target.dead) return -ESRCH;
  const others = readRanges(task, remote, remoteCount, toTarget, target.memory);
  if (typeof others === 'number') return others;
  if (!mayReach(task, target)) return -EPERM;
  return toTarget ? transfer(own, others) : transfer(others, own);
}

const AT_MOST = 'at most 64 MiB a call';

export const processMemory: SyscallFamily = {
  process_vm_readv: partial(AT_MOST, (task, args) => move(task, args, false)),
  process_vm_writev: partial(AT_MOST, (task, args) => move(task, args, true)),
};
