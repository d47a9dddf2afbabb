/** Descriptors that tell of events: eventfd. */
import { EINVAL } from '../../linux/errno.ts';
import { O_CLOEXEC, O_NONBLOCK } from '../../linux/open-flags.ts';
import { EFD_SEMAPHORE, EventFd } from '../files/special/eventfd.ts';
import type { Task } from '../tasks/task.ts';
import type { SyscallFamily } from './handler.ts';

function eventfd(task: Task, initial: number, flags: number): number {
  if ((flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK)) !== 0) return -EINVAL;
  const file = new EventFd(task, initial >>> 0, (flags & EFD_SEMAPHORE) !== 0, flags & O_NONBLOCK);
  return task.files.install(file, (flags & O_CLOEXEC) !== 0);
}

export const events: SyscallFamily = {
  eventfd: (task, args) => eventfd(task, args[0]!, 0),
  eventfd2: (task, args) => eventfd(task, args[0]!, args[1]! | 0),
};
