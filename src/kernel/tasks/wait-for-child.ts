/** Which child a wait is for, and what it has to tell (wait4(2), waitid(2); Linux: do_wait). */
import { ECHILD } from '../../linux/errno.ts';
import { CLD_CONTINUED, CLD_DUMPED, CLD_EXITED, CLD_KILLED, CLD_STOPPED } from '../../linux/siginfo.ts';
import { SIGNALS } from '../../linux/signals.ts';
import {
  CONTINUED_STATUS,
  stoppedStatus,
  WALL,
  WCLONE,
  WCONTINUED,
  WEXITED,
  WNOWAIT,
  WSTOPPED,
} from '../../linux/wait.ts';
import { CORE_DUMPED, reap } from './exit.ts';
import { ResourceUsage } from './resource-usage.ts';
import type { ThreadGroup } from './thread-group.ts';

/** Chooses among children. */
export type Selector = (child: ThreadGroup) => boolean;

/** What has happened to a child. */
export interface ChildEvent {
  pid: number;
  uid: number;
  /** As wait4 tells it. */
  status: number;
  /** As waitid tells it: CLD_EXITED and so on, with exit code or signal. */
  code: number;
  value: number;
  usage: ResourceUsage;
}

/** @returns what is to be told, undefined when nothing has happened yet, -ECHILD when there is no such child */
export function findEvent(
  parent: ThreadGroup,
  selects: Selector,
  options: number,
): ChildEvent | undefined | number {
  let any = false;
  for (const child of parent.children) {
    if (!selects(child) || !eligible(child, options)) continue;
    any = true;
    const event = eventOf(child, options);
    if (event) return event;
  }
  return any ? undefined : -ECHILD;
}

/** Children that end with another signal than SIGCHLD are clones, and waited for only by those who say so. */
function eligible(child: ThreadGroup, options: number): boolean {
  if ((options & WALL) !== 0) return true;
  return (child.exitSignal !== SIGNALS.SIGCHLD) === ((options & WCLONE) !== 0);
}

function eventOf(child: ThreadGroup, options: number): ChildEvent | undefined {
  const keep = (options & WNOWAIT) !== 0;
  if (child.zombie) {
    if ((options & WEXITED) === 0) return undefined;
    const event = ended(child);
    if (!keep) reap(child);
    return event;
  }
  if (child.unreportedStop && (options & WSTOPPED) !== 0) {
    if (!keep) child.unreportedStop = false;
    return tell(child, stoppedStatus(child.stopSignal), CLD_STOPPED, child.stopSignal);
  }
  if (child.unreportedContinue && (options & WCONTINUED) !== 0) {
    if (!keep) child.unreportedContinue = false;
    return tell(child, CONTINUED_STATUS, CLD_CONTINUED, SIGNALS.SIGCONT);
  }
  return undefined;
}

function ended(child: ThreadGroup): ChildEvent {
  const status = child.exitStatus!;
  const signal = status & 0x7f;
  if (signal === 0) return tell(child, status, CLD_EXITED, status >> 8);
  return tell(child, status, (status & CORE_DUMPED) === 0 ? CLD_KILLED : CLD_DUMPED, signal);
}

function tell(child: ThreadGroup, status: number, code: number, value: number): ChildEvent {
  const usage = child.ownUsage();
  usage.add(child.childrenUsage);
  return { pid: child.pid, uid: child.leader.credentials.uid, status, code, value, usage };
}
