/** Descriptors that tell of events: eventfd, timerfd, signalfd, inotify. */
import { EACCES, EBADF, EINVAL, ENOENT, ENOTDIR } from '../../linux/errno.ts';
import { TFD_TIMER_CANCEL_ON_SET, TIMER_ABSTIME } from '../../linux/clocks.ts';
import { IN_DONT_FOLLOW, IN_ONLYDIR } from '../../linux/inotify.ts';
import { AT_FDCWD, O_CLOEXEC, O_NONBLOCK } from '../../linux/open-flags.ts';
import { fail } from '../failure.ts';
import type { FileDescription } from '../files/description.ts';
import { lookupAt } from '../files/path.ts';
import { MAY_READ, permission } from '../files/permissions.ts';
import { EFD_SEMAPHORE, EventFd } from '../files/special/eventfd.ts';
import { Inotify } from '../files/special/inotify.ts';
import { SignalFd } from '../files/special/signalfd.ts';
import { TimerFd } from '../files/special/timerfd.ts';
import { UNCATCHABLE } from '../signals/actions.ts';
import { SignalSet } from '../signals/signal-set.ts';
import type { Task } from '../tasks/task.ts';
import { fromMilliseconds, toMilliseconds } from '../time/clock.ts';
import { findClock, monotonicDeadline } from '../time/clocks.ts';
import { readTimeSpec, writeTimeSpec } from './deadline.ts';
import { partial, type SyscallFamily } from './handler.ts';

const FLAGS = O_CLOEXEC | O_NONBLOCK;

function install(task: Task, file: FileDescription, flags: number): number {
  const fd = task.files.install(file, (flags & O_CLOEXEC) !== 0);
  if (fd < 0) file.release();
  return fd;
}

function eventfd(task: Task, initial: number, flags: number): number {
  if ((flags & ~(EFD_SEMAPHORE | FLAGS)) !== 0) return -EINVAL;
  const semaphore = (flags & EFD_SEMAPHORE) !== 0;
  return install(task, new EventFd(task, initial >>> 0, semaphore, flags & O_NONBLOCK), flags);
}

function findTimer(task: Task, fd: number): TimerFd {
  const file = task.files.get(fd | 0);
  return file instanceof TimerFd ? file : fail(EINVAL);
}

/** struct itimerspec: interval and value. */
function writeSetting(task: Task, address: number, { timer }: TimerFd): void {
  const { value, interval } = timer.get();
  writeTimeSpec(task.memory, address, fromMilliseconds(interval));
  writeTimeSpec(task.memory, address + 16, fromMilliseconds(value));
}

function setTimer(task: Task, args: Float64Array): number {
  const file = findTimer(task, args[0]!);
  const flags = args[1]! | 0;
  if ((flags & ~(TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) !== 0) return -EINVAL;
  const interval = readTimeSpec(task.memory, args[2]!);
  const value = readTimeSpec(task.memory, args[2]! + 16);
  if (args[3] !== 0) writeSetting(task, args[3]!, file);
  const every = toMilliseconds(interval.seconds, interval.nanoseconds);
  const wait = toMilliseconds(value.seconds, value.nanoseconds);
  file.reset();
  if (wait === 0 || (flags & TIMER_ABSTIME) === 0) file.timer.set(wait, every);
  else file.timer.setAt(monotonicDeadline(task, findClock(task, file.clock)!, value), every);
  return 0;
}

/** @param fd -1 makes a new one; otherwise its mask is changed */
function signalfd(task: Task, fd: number, address: number, size: number, flags: number): number {
  if (size !== 8 || (flags & ~FLAGS) !== 0) return -EINVAL;
  const mask = new SignalSet(task.memory.readI32(address), task.memory.readI32(address + 4));
  mask.deleteAll(UNCATCHABLE);
  if (fd === -1) return install(task, new SignalFd(task, mask, flags & O_NONBLOCK), flags);
  const file = task.files.get(fd);
  if (!(file instanceof SignalFd)) return -EINVAL;
  file.setMask(mask);
  return fd;
}

function inotify(task: Task, flags: number): number {
  if ((flags & ~FLAGS) !== 0) return -EINVAL;
  return install(task, new Inotify(task, flags & O_NONBLOCK), flags);
}

function findInotify(task: Task, fd: number): Inotify {
  const file = task.files.find(fd | 0) ?? fail(EBADF);
  return file instanceof Inotify ? file : fail(EINVAL);
}

function addWatch(task: Task, args: Float64Array): number {
  const watcher = findInotify(task, args[0]!);
  const mask = args[2]! | 0;
  const dentry = lookupAt(task, AT_FDCWD, task.memory.readString(args[1]!), (mask & IN_DONT_FOLLOW) === 0);
  if (typeof dentry === 'number') return dentry;
  const { inode } = dentry;
  if (!inode) return -ENOENT;
  if ((mask & IN_ONLYDIR) !== 0 && !inode.isDirectory) return -ENOTDIR;
  if (permission(inode, task.credentials, MAY_READ) < 0) return -EACCES;
  return watcher.watch(inode, mask);
}

export const events: SyscallFamily = {
  eventfd: (task, args) => eventfd(task, args[0]!, 0),
  eventfd2: (task, args) => eventfd(task, args[0]!, args[1]! | 0),

  timerfd_create(task, args) {
    const clock = args[0]! | 0;
    const flags = args[1]! | 0;
    if ((flags & ~FLAGS) !== 0 || typeof findClock(task, clock) !== 'string') return -EINVAL;
    return install(task, new TimerFd(task, clock, flags & O_NONBLOCK), flags);
  },
  timerfd_settime: partial('a change of the clock does not cancel (TFD_TIMER_CANCEL_ON_SET)', setTimer),
  timerfd_gettime(task, args) {
    writeSetting(task, args[1]!, findTimer(task, args[0]!));
    return 0;
  },

  signalfd: (task, args) => signalfd(task, args[0]! | 0, args[1]!, args[2]!, 0),
  signalfd4: (task, args) => signalfd(task, args[0]! | 0, args[1]!, args[2]!, args[3]! | 0),

  inotify_init: (task) => inotify(task, 0),
  inotify_init1: (task, args) => inotify(task, args[0]! | 0),
  inotify_add_watch: partial('changes that only the host makes are not told', addWatch),
  inotify_rm_watch: (task, args) => findInotify(task, args[0]!).unwatch(args[1]! | 0),
};
