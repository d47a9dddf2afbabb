/** Robust futexes: what a thread still holds when it ends is given up for it (get_robust_list(2); Linux: exit_robust_list). */
import { Failure } from '../failure.ts';
import { FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS } from '../../linux/futex.ts';
import { wakeFutex } from './futex.ts';
import type { Task } from './task.ts';

/** The guest links the list, and may make a ring of it (ROBUST_LIST_LIMIT). */
const MOST = 2048;

/** struct robust_list_head: the list, where in each entry the futex is, and one that was being taken or given up. */
export function leaveRobustFutexes(task: Task): void {
  const head = task.robustList;
  if (head === 0) return;
  try {
    const offset = task.memory.readI64(head + 8);
    const underWay = pointer(task.memory.readI64(head + 16));
    let entry = pointer(task.memory.readI64(head));
    for (let count = 0; entry !== head && count < MOST; count++) {
      const next = pointer(task.memory.readI64(entry));
      if (entry !== underWay) giveUp(task, entry + offset);
      entry = next;
    }
    if (underWay !== 0) giveUp(task, underWay + offset);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
}

/** The lowest bit of a link says that the futex is one with priority inheritance. */
function pointer(link: number): number {
  return link - (((link % 2) + 2) % 2);
}

function giveUp(task: Task, address: number): void {
  const value = task.memory.readU32(address);
  if ((value & FUTEX_TID_MASK) !== task.tid) return;
  task.memory.writeU32(address, (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED);
  if ((value & FUTEX_WAITERS) !== 0) wakeFutex(task, address, 1);
}
