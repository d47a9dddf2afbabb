/** Waiting for children: wait4(2) and waitid(2). */
import { EAGAIN, EBADF, EINVAL, ESRCH } from '../../linux/errno.ts';
import { encodeUsage } from '../../linux/rusage.ts';
import { SIGNALS } from '../../linux/signals.ts';
import * as W from '../../linux/wait.ts';
import { PidFile } from '../tasks/pid-file.ts';
import type { Task } from '../tasks/task.ts';
import { type ChildEvent, findEvent, type Selector } from '../tasks/wait-for-child.ts';
import type { SyscallFamily } from './handler.ts';

const WAIT4_OPTIONS = W.WNOHANG | W.WUNTRACED | W.WCONTINUED | W.WNOTHREAD | W.WALL | W.WCLONE;
const WAITID_OPTIONS =
  W.WNOHANG | W.WSTOPPED | W.WEXITED | W.WCONTINUED | W.WNOWAIT | W.WNOTHREAD | W.WALL | W.WCLONE;

/** Waits for an event, and lets `tell` write it to the guest. @returns what `tell` returned, `none` with WNOHANG, or -errno */
function waitForEvent(
  task: Task,
  selects: Selector,
  options: number,
  none: () => number,
  tell: (event: ChildEvent) => number,
): number | Promise<number> {
  const attempt = (): number => {
    const event = findEvent(task.group, selects, options);
    if (event === undefined) return -EAGAIN;
    return typeof event === 'number' ? event : tell(event);
  };
  const result = attempt();
  if (result !== -EAGAIN) return result;
  if ((options & W.WNOHANG) !== 0) return none();
  return task.waitFor(task.group.childEvents, attempt);
}

/** A pid as wait4 takes it: any, one, or a process group. */
function selectorOf(task: Task, pid: number): Selector {
  if (pid === -1) return () => true;
  if (pid > 0) return (child) => child.pid === pid;
  const group = pid === 0 ? task.group.processGroup.id : -pid;
  return (child) => child.processGroup.id === group;
}

function wait4(task: Task, args: Float64Array): number | Promise<number> {
  const pid = args[0]! | 0;
  const [statusAt, usageAt] = [args[1]!, args[3]!];
  const options = args[2]! | 0;
  if ((options & ~WAIT4_OPTIONS) !== 0) return -EINVAL;
  if (pid === -(2 ** 31)) return -ESRCH;
  const tell = (event: ChildEvent): number => {
    if (statusAt !== 0) task.memory.writeU32(statusAt, event.status);
    if (usageAt !== 0) task.memory.writeBytes(usageAt, encodeUsage(event.usage));
    return event.pid;
  };
  return waitForEvent(task, selectorOf(task, pid), options | W.WEXITED, () => 0, tell);
}

/** @returns a selector, or -errno */
function selectorOfId(task: Task, type: number, id: number): Selector | number {
  switch (type) {
    case W.P_ALL:
      return () => true;
    case W.P_PID:
      return id > 0 ? (child) => child.pid === id : -EINVAL;
    case W.P_PGID: {
      const group = id === 0 ? task.group.processGroup.id : id;
      return id >= 0 ? (child) => child.processGroup.id === group : -EINVAL;
    }
    case W.P_PIDFD: {
      const file = task.files.get(id);
      return file instanceof PidFile ? (child) => child === file.process : -EBADF;
    }
    default:
      return -EINVAL;
  }
}

function waitid(task: Task, args: Float64Array): number | Promise<number> {
  const [infoAt, usageAt] = [args[2]!, args[4]!];
  const options = args[3]! | 0;
  if ((options & ~WAITID_OPTIONS) !== 0) return -EINVAL;
  if ((options & (W.WEXITED | W.WSTOPPED | W.WCONTINUED)) === 0) return -EINVAL;
  const selects = selectorOfId(task, args[0]! | 0, args[1]! | 0);
  if (typeof selects === 'number') return selects;
  const none = (): number => {
    if (infoAt !== 0) writeInfo(task, infoAt, undefined);
    return 0;
  };
  return waitForEvent(task, selects, options, none, (event) => {
    if (usageAt !== 0) task.memory.writeBytes(usageAt, encodeUsage(event.usage));
    if (infoAt !== 0) writeInfo(task, infoAt, event);
    return 0;
  });
}

/** The fields of siginfo_t that waitid fills; the rest of it is left alone. */
function writeInfo(task: Task, address: number, event: ChildEvent | undefined): void {
  const fields = event
    ? [SIGNALS.SIGCHLD, 0, event.code, event.pid, event.uid, event.value]
    : [0, 0, 0, 0, 0, 0];
  const places = [0, 4, 8, 16, 20, 24];
  fields.forEach((field, index) => task.memory.writeU32(address + places[index]!, field));
}

export const children: SyscallFamily = { wait4, waitid };
