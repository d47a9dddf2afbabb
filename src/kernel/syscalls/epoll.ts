/** epoll(7): epoll_create, epoll_ctl and the ways to wait. */
import { hostArchitecture } from '../../linux/architectures.ts';
import { EAGAIN, EINTR, EINVAL, ERESTARTNOHAND, ERESTARTSYS, ETIMEDOUT } from '../../linux/errno.ts';
import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLL_EVENT,
} from '../../linux/epoll.ts';
import { fail } from '../failure.ts';
import { Epoll, type EpollEvent } from '../files/special/epoll.ts';
import type { Task } from '../tasks/task.ts';
import { deadlineAfter, readTimeout } from './deadline.ts';
import type { SyscallFamily } from './handler.ts';
import { readMask, underMask } from './waiting.ts';

const LAYOUT = EPOLL_EVENT[hostArchitecture()];
const MOST_EVENTS = Math.floor((2 ** 31 - 1) / LAYOUT.size);

function findEpoll(task: Task, fd: number): Epoll {
  const file = task.files.get(fd | 0);
  return file instanceof Epoll ? file : fail(EINVAL);
}

function readEvent(task: Task, address: number): EpollEvent {
  const { memory } = task;
  return {
    events: memory.readI32(address + LAYOUT.events),
    low: memory.readI32(address + LAYOUT.data),
    high: memory.readI32(address + LAYOUT.data + 4),
  };
}

/** @param deadline on the monotonic clock; -Infinity: do not wait */
function waitForEvents(task: Task, args: Float64Array, deadline: number): number | Promise<number> {
  const epoll = findEpoll(task, args[0]!);
  const limit = args[2]! | 0;
  if (limit <= 0 || limit > MOST_EVENTS) return -EINVAL;
  const address = args[1]!;
  const { memory } = task;
  const emit = (events: number, wanted: EpollEvent, index: number): void => {
    const at = address + index * LAYOUT.size;
    memory.writeU32(at + LAYOUT.events, events);
    memory.writeU32(at + LAYOUT.data, wanted.low);
    memory.writeU32(at + LAYOUT.data + 4, wanted.high);
  };
  const found = epoll.harvest(limit, emit);
  if (found > 0 || deadline === -Infinity) return found;
  const attempt = () => epoll.harvest(limit, emit) || -EAGAIN;
  return task
    .waitFor(epoll.waiters, attempt, deadline)
    .then((result) => (result === -ETIMEDOUT ? 0 : result));
}

function millisecondDeadline(task: Task, timeout: number): number {
  if (timeout < 0) return Infinity;
  return timeout === 0 ? -Infinity : deadlineAfter(task, timeout);
}

/** @param interrupted what a signal makes of the call: it is never begun again behind the guest's back (signal(7)) */
function wait(
  task: Task,
  args: Float64Array,
  deadline: number,
  interrupted: number = EINTR,
): number | Promise<number> {
  const result = waitForEvents(task, args, deadline);
  if (typeof result === 'number') return result;
  return result.then((value) => (value === -ERESTARTSYS ? -interrupted : value));
}

function maskedWait(task: Task, args: Float64Array, deadline: number): number | Promise<number> {
  const mask = readMask(task, args[4]!, args[5]!);
  return underMask(task, mask, () => wait(task, args, deadline, mask ? ERESTARTNOHAND : EINTR));
}

function create(task: Task, flags: number): number {
  return task.files.install(new Epoll(task), (flags & EPOLL_CLOEXEC) !== 0);
}

export const epoll: SyscallFamily = {
  epoll_create: (task, args) => ((args[0]! | 0) <= 0 ? -EINVAL : create(task, 0)),

  epoll_create1(task, args) {
    const flags = args[0]! | 0;
    return (flags & ~EPOLL_CLOEXEC) !== 0 ? -EINVAL : create(task, flags);
  },

  epoll_ctl(task, args) {
    const operation = args[1]! | 0;
    const event = operation === EPOLL_CTL_DEL ? { events: 0, low: 0, high: 0 } : readEvent(task, args[3]!);
    const watcher = task.files.get(args[0]! | 0);
    const fd = args[2]! | 0;
    const file = task.files.get(fd);
    if (!(watcher instanceof Epoll)) return -EINVAL;
    if (operation === EPOLL_CTL_ADD) return watcher.add(file, fd, event);
    if (operation === EPOLL_CTL_MOD) return watcher.modify(file, fd, event);
    return operation === EPOLL_CTL_DEL ? watcher.delete(file, fd) : -EINVAL;
  },

  epoll_wait: (task, args) => wait(task, args, millisecondDeadline(task, args[3]! | 0)),

  epoll_pwait: (task, args) => maskedWait(task, args, millisecondDeadline(task, args[3]! | 0)),

  epoll_pwait2(task, args) {
    const timeout = readTimeout(task.memory, args[3]!);
    return maskedWait(task, args, timeout === 0 ? -Infinity : deadlineAfter(task, timeout));
  },
};
