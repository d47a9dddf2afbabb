/** futex(2): waiting for memory to change, and the lists of locks that a thread holds. */
import { EAGAIN, EFAULT, EINVAL, ENOSYS, EPERM, ESRCH, ETIMEDOUT } from '../../linux/errno.ts';
import * as F from '../../linux/futex.ts';
import { fail } from '../failure.ts';
import { futexKey, type FutexWaiter } from '../tasks/futex.ts';
import type { Task } from '../tasks/task.ts';
import { toMilliseconds } from '../time/clock.ts';
import { WaitQueue } from '../wait-queue.ts';
import { readTimeSpec } from './deadline.ts';
import { partial, refused, type SyscallFamily } from './handler.ts';

/** sizeof(struct robust_list_head). */
const ROBUST_HEAD_SIZE = 24;

/** A task that waits: its queue is woken once, when a wake chooses it. */
class Sleeper implements FutexWaiter {
  readonly bits: number;
  readonly queue = new WaitQueue();
  key = 0;
  woken = false;

  constructor(bits: number) {
    this.bits = bits;
  }

  wake(): void {
    this.queue.wake();
  }
}

function futex(task: Task, args: Float64Array): number | Promise<number> {
  const operation = args[1]! | 0;
  const address = args[0]!;
  if (address % 4 !== 0) return -EINVAL;
  switch (operation & F.FUTEX_CMD_MASK) {
    case F.FUTEX_WAIT:
      return wait(task, address, args[2]! | 0, F.FUTEX_BITSET_MATCH_ANY, relative(task, args[3]!));
    case F.FUTEX_WAIT_BITSET:
      return wait(task, address, args[2]! | 0, args[5]! | 0, absolute(task, args[3]!, operation));
    case F.FUTEX_WAKE:
      return wake(task, address, args[2]! | 0, F.FUTEX_BITSET_MATCH_ANY);
    case F.FUTEX_WAKE_BITSET:
      return wake(task, address, args[2]! | 0, args[5]! | 0);
    case F.FUTEX_REQUEUE:
      return requeue(task, args, false);
    case F.FUTEX_CMP_REQUEUE:
      return requeue(task, args, true);
    case F.FUTEX_WAKE_OP:
      return wakeOp(task, args);
    default:
      return -ENOSYS;
  }
}

/** Deadlines on the monotonic clock; Infinity without one. Fails with EINVAL. */
function relative(task: Task, address: number): number {
  if (address === 0) return Infinity;
  const { seconds, nanoseconds } = readTimeSpec(task.memory, address);
  return task.kernel.clock.monotonic() + toMilliseconds(seconds, nanoseconds);
}

function absolute(task: Task, address: number, operation: number): number {
  if (address === 0) return Infinity;
  const { seconds, nanoseconds } = readTimeSpec(task.memory, address);
  const time = toMilliseconds(seconds, nanoseconds);
  return (operation & F.FUTEX_CLOCK_REALTIME) === 0 ? time : time - task.kernel.clock.realtimeOffset();
}

/** The value is compared and the waiter queued in one step, as nothing else runs in between. */
function wait(
  task: Task,
  address: number,
  expected: number,
  bits: number,
  deadline: number,
): number | Promise<number> {
  if (bits === 0) return -EINVAL;
  const key = futexKey(task, address);
  if (task.memory.readI32(address) !== expected) return -EAGAIN;
  if (deadline <= task.kernel.clock.monotonic()) return -ETIMEDOUT;
  const sleeper = new Sleeper(bits);
  const { futexes } = task.kernel;
  futexes.add(key, sleeper);
  const result = task.waitFor(sleeper.queue, () => (sleeper.woken ? 0 : -EAGAIN), deadline);
  return result.then((value) => {
    if (value !== 0) futexes.remove(sleeper);
    return value;
  });
}

function wake(task: Task, address: number, count: number, bits: number): number {
  if (bits === 0) return -EINVAL;
  return task.kernel.futexes.wake(futexKey(task, address), Math.max(1, count), bits);
}

/** Wakes some, and lets others wait for another word instead (pthread_cond_broadcast once did). */
function requeue(task: Task, args: Float64Array, compares: boolean): number {
  const [wakes, moves] = [args[2]! | 0, args[3]! | 0];
  if (wakes < 0 || moves < 0) return -EINVAL;
  const { futexes } = task.kernel;
  const [from, to] = [futexKey(task, args[0]!), futexKey(task, args[4]!)];
  if (compares && task.memory.readI32(args[0]!) !== (args[5]! | 0)) return -EAGAIN;
  const woken = futexes.wake(from, wakes, F.FUTEX_BITSET_MATCH_ANY);
  return woken + futexes.requeue(from, to, moves);
}

/** Changes the second word, wakes waiters of the first, and of the second if its old value says so (FUTEX_WAKE_OP). */
function wakeOp(task: Task, args: Float64Array): number {
  const encoded = args[5]! | 0;
  const second = args[4]!;
  const [first, other] = [futexKey(task, args[0]!), futexKey(task, second)];
  const old = task.memory.readI32(second);
  const changed = operate(encoded, old);
  if (changed === undefined) return -ENOSYS;
  task.memory.writeU32(second, changed);
  const { futexes } = task.kernel;
  const woken = futexes.wake(first, Math.max(1, args[2]! | 0), F.FUTEX_BITSET_MATCH_ANY);
  if (!compare(encoded, old)) return woken;
  return woken + futexes.wake(other, Math.max(1, args[3]! | 0), F.FUTEX_BITSET_MATCH_ANY);
}

/** Four bits say what to do (the highest: the argument is a bit number), the next four what to compare; then two times 12. */
function operate(encoded: number, old: number): number | undefined {
  const shifts = encoded < 0;
  const argument = (encoded << 8) >> 20;
  const value = shifts ? 1 << (argument & 31) : argument;
  switch ((encoded >>> 28) & 7) {
    case 0:
      return value;
    case 1:
      return old + value;
    case 2:
      return old | value;
    case 3:
      return old & ~value;
    case 4:
      return old ^ value;
    default:
      return undefined;
  }
}

function compare(encoded: number, old: number): boolean {
  const value = (encoded << 20) >> 20;
  switch ((encoded >>> 24) & 15) {
    case 0:
      return old === value;
    case 1:
      return old !== value;
    case 2:
      return old < value;
    case 3:
      return old <= value;
    case 4:
      return old > value;
    case 5:
      return old >= value;
    default:
      return false;
  }
}

function setRobustList(task: Task, args: Float64Array): number {
  if (args[1] !== ROBUST_HEAD_SIZE) return -EINVAL;
  task.robustList = args[0]!;
  return 0;
}

function getRobustList(task: Task, args: Float64Array): number {
  const tid = args[0]! | 0;
  const target = tid === 0 ? task : task.kernel.pids.task(tid);
  if (!target) return -ESRCH;
  if (target.group !== task.group && task.credentials.euid !== 0) return -EPERM;
  if (args[1] === 0) fail(EFAULT);
  task.memory.writeI64(args[1]!, target.robustList);
  task.memory.writeI64(args[2]!, ROBUST_HEAD_SIZE);
  return 0;
}

export const futexes: SyscallFamily = {
  futex: partial('no priority inheritance', futex),
  set_robust_list: setRobustList,
  get_robust_list: getRobustList,
  futex_waitv: refused('C libraries do without', ENOSYS),
};
