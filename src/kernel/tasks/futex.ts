/**
 * Futexes: waiting for a word of memory to change (futex(2); Linux: kernel/futex).
 *
 * Waiters queue by where the word is in the memory file, so that it is one futex for all who map it, private or shared. A
 * private one in memory that fork has copied has moved with the copy, and is another futex there, as it must be.
 */
import { EFAULT } from '../../linux/errno.ts';
import { fail } from '../failure.ts';
import type { Task } from './task.ts';

/** One who waits. */
export interface FutexWaiter {
  /** Which wakes concern it (FUTEX_WAIT_BITSET). */
  readonly bits: number;
  /** Where it waits now: requeueing changes it. */
  key: number;
  woken: boolean;
  wake(): void;
}

export class FutexTable {
  readonly #queues = new Map<number, Set<FutexWaiter>>();

  add(key: number, waiter: FutexWaiter): void {
    const queue = this.#queues.get(key);
    waiter.key = key;
    if (queue) queue.add(waiter);
    else this.#queues.set(key, new Set([waiter]));
  }

  remove(waiter: FutexWaiter): void {
    const queue = this.#queues.get(waiter.key);
    if (!queue) return;
    queue.delete(waiter);
    if (queue.size === 0) this.#queues.delete(waiter.key);
  }

  /** Wakes those who came first. @returns how many */
  wake(key: number, count: number, bits: number): number {
    const queue = this.#queues.get(key);
    if (!queue) return 0;
    let woken = 0;
    for (const waiter of queue) {
      if (woken >= count) break;
      if ((waiter.bits & bits) === 0) continue;
      queue.delete(waiter);
      waiter.woken = true;
      waiter.wake();
      woken++;
    }
    if (queue.size === 0) this.#queues.delete(key);
    return woken;
  }

  /** Lets up to `count` wait elsewhere. @returns how many have moved */
  requeue(from: number, to: number, count: number): number {
    const queue = this.#queues.get(from);
    if (!queue || from === to) return Math.min(queue?.size ?? 0, count);
    let moved = 0;
    for (const waiter of queue) {
      if (moved >= count) break;
      queue.delete(waiter);
      this.add(to, waiter);
      moved++;
    }
    if (queue.size === 0) this.#queues.delete(from);
    return moved;
  }
}

/** Where a word is, whoever asks. Fails with EFAULT where the guest cannot reach it. */
export function futexKey(task: Task, address: number): number {
  const key = task.mm.locate(address);
  return key < 0 ? fail(EFAULT) : key;
}

/** @returns how many were woken */
export function wakeFutex(task: Task, address: number, count: number): number {
  return task.kernel.futexes.wake(futexKey(task, address), count, -1);
}
