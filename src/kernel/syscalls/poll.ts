/** poll and ppoll: waiting for one of several descriptions (poll(2)). */
import { EAGAIN, EINVAL, ERESTARTNOHAND, ERESTARTSYS, ERESTART_RESTARTBLOCK } from '../../linux/errno.ts';
import { POLLERR, POLLFD, POLLHUP, POLLNVAL } from '../../linux/poll.ts';
import { fail } from '../failure.ts';
import type { FileDescription } from '../files/description.ts';
import type { Task } from '../tasks/task.ts';
import { deadlineAfter, readTimeout, timeLeft, writeTimeSpec } from './deadline.ts';
import type { SyscallFamily } from './handler.ts';
import { MOST_DESCRIPTORS, readMask, underMask, waitForAny, withTimeLeft } from './waiting.ts';

/** Told whether they were asked for or not. */
const ALWAYS = POLLERR | POLLHUP;
/** What fits into `short revents`. */
const SHORT = 0xffff;

/** Looks at every entry once and writes what it finds. @returns how many have something */
function look(task: Task, address: number, count: number): number {
  const { memory, files } = task;
  let ready = 0;
  for (let at = address, end = address + count * POLLFD.size; at < end; at += POLLFD.size) {
    const fd = memory.readI32(at + POLLFD.fd);
    let events = 0;
    if (fd >= 0) {
      const file = files.find(fd);
      const wanted = memory.readU16(at + POLLFD.events) | ALWAYS;
      events = file ? file.poll() & wanted & SHORT : POLLNVAL;
    }
    memory.writeU16(at + POLLFD.revents, events);
    if (events !== 0) ready++;
  }
  return ready;
}

/** The entries as they are when the wait begins: what the guest writes to them later does not matter. */
interface Watched {
  files: FileDescription[];
  events: number[];
  /** Which entry each belongs to. */
  indices: number[];
}

function watch(task: Task, address: number, count: number): Watched {
  const watched: Watched = { files: [], events: [], indices: [] };
  for (let index = 0; index < count; index++) {
    const at = address + index * POLLFD.size;
    const file = task.files.find(task.memory.readI32(at + POLLFD.fd));
    if (!file) continue;
    watched.files.push(file);
    watched.events.push(task.memory.readU16(at + POLLFD.events));
    watched.indices.push(index);
  }
  return watched;
}

/** @param deadline on the monotonic clock; -Infinity: do not wait */
function pollEntries(task: Task, address: number, count: number, deadline: number): number | Promise<number> {
  const ready = look(task, address, count);
  if (ready > 0 || deadline === -Infinity) return ready;
  const { files, events, indices } = watch(task, address, count);
  const attempt = () => {
    let found = 0;
    for (let index = 0; index < files.length; index++) {
      const now = files[index]!.poll() & (events[index]! | ALWAYS) & SHORT;
      if (now === 0) continue;
      task.memory.writeU16(address + indices[index]! * POLLFD.size + POLLFD.revents, now);
      found++;
    }
    return found > 0 ? found : -EAGAIN;
  };
  return waitForAny(task, files, attempt, deadline);
}

/** As many entries as descriptors are allowed; fails with EINVAL beyond. */
function checkCount(count: number): number {
  return count >= 0 && count <= MOST_DESCRIPTORS ? count : fail(EINVAL);
}

/** After a stop and a continuation it goes on until the same deadline (signal(7), restart_syscall(2)). */
function pollUntil(task: Task, address: number, count: number, deadline: number): number | Promise<number> {
  const result = pollEntries(task, address, count, deadline);
  if (typeof result === 'number') return result;
  return result.then((value) => {
    if (value !== -ERESTARTSYS) return value;
    task.restartBlock = (again) => pollUntil(again, address, count, deadline);
    return -ERESTART_RESTARTBLOCK;
  });
}

export const poll: SyscallFamily = {
  poll(task, args) {
    const count = checkCount(args[1]!);
    const timeout = args[2]! | 0;
    const deadline = timeout < 0 ? Infinity : timeout === 0 ? -Infinity : deadlineAfter(task, timeout);
    return pollUntil(task, args[0]!, count, deadline);
  },

  ppoll(task, args) {
    const count = checkCount(args[1]!);
    const timeout = readTimeout(task.memory, args[2]!);
    const mask = readMask(task, args[3]!, args[4]!);
    const call = (deadline: number) => {
      const result = pollEntries(task, args[0]!, count, deadline);
      return typeof result === 'number' ? result : result.then(noHandler);
    };
    const [, , timeoutAddress] = args;
    return underMask(task, mask, () =>
      withTimeLeft(task, timeout, call, (deadline) =>
        writeTimeSpec(task.memory, timeoutAddress!, timeLeft(task, deadline)),
      ),
    );
  },
};

function noHandler(result: number): number {
  return result === -ERESTARTSYS ? -ERESTARTNOHAND : result;
}
