/** Advisory locks on a file (fcntl(2), "Advisory record locking"; flock(2)). Each kind is a list of its own. */
import { EAGAIN, EDEADLK, ENOLCK } from '../../linux/errno.ts';
import type { Task } from '../tasks/task.ts';
import { WaitQueue } from '../wait-queue.ts';

export interface Lock {
  /** A table of descriptors (POSIX) or a description (open file description locks, flock). */
  owner: object;
  /** As F_GETLK tells it: -1 for an open file description. */
  pid: number;
  exclusive: boolean;
  start: number;
  /** The first byte beyond; Infinity: to the end, wherever that may be. */
  end: number;
}

/** A guest could split its locks for ever. */
const MOST = 4096;

/** Who waits for whom, for POSIX locks: those are promised to find deadlocks. */
const waitsFor = new Map<object, object>();

export class FileLocks {
  readonly waiters = new WaitQueue();
  #locks: Lock[] = [];

  /** A lock of somebody else's that `wanted` would have to wait for. */
  conflict(wanted: Lock): Lock | undefined {
    return this.#locks.find(
      (lock) =>
        lock.owner !== wanted.owner &&
        (lock.exclusive || wanted.exclusive) &&
        lock.start < wanted.end &&
        wanted.start < lock.end,
    );
  }

  /** Takes a lock in place of what its owner has there. @returns 0, -EAGAIN or -ENOLCK */
  take(wanted: Lock): number {
    if (this.conflict(wanted)) return -EAGAIN;
    if (this.#locks.length >= MOST) return -ENOLCK;
    const before = this.#locks;
    this.#cut(wanted.owner, wanted.start, wanted.end);
    const joined = this.#joined(wanted);
    this.#locks.push(joined);
    // A writer that has become a reader lets others in.
    if (!wanted.exclusive && before.some(({ owner, exclusive }) => exclusive && owner === wanted.owner)) {
      this.waiters.wake();
    }
    return 0;
  }

  /** Gives up what `owner` has between `start` and `end`. */
  release(owner: object, start = 0, end = Number.POSITIVE_INFINITY): void {
    if (this.#locks.length === 0) return;
    this.#cut(owner, start, end);
    this.waiters.wake();
  }

  /** As `take`, and waits. @param deadlocks -EDEADLK where the wait would never end */
  takeWaiting(wanted: Lock, task: Task, deadlocks: boolean): number | Promise<number> {
    const attempt = () => {
      const error = this.take(wanted);
      if (error !== -EAGAIN || !deadlocks) return error;
      const holder = this.conflict(wanted)!.owner;
      if (leadsTo(holder, wanted.owner)) return -EDEADLK;
      waitsFor.set(wanted.owner, holder);
      return error;
    };
    const result = attempt();
    if (result !== -EAGAIN) return result;
    return task.waitFor(this.waiters, attempt).finally(() => waitsFor.delete(wanted.owner));
  }

  /** Takes a range away from an owner's locks, which may leave the parts before and behind it. */
  #cut(owner: object, start: number, end: number): void {
    const kept: Lock[] = [];
    for (const lock of this.#locks) {
      if (lock.owner !== owner || lock.end <= start || end <= lock.start) {
        kept.push(lock);
        continue;
      }
      if (lock.start < start) kept.push({ ...lock, end: start });
      if (lock.end > end) kept.push({ ...lock, start: end });
    }
    this.#locks = kept;
  }

  /** Neighbours of the same kind and owner become one. */
  #joined(wanted: Lock): Lock {
    const joined = { ...wanted };
    this.#locks = this.#locks.filter((lock) => {
      if (lock.owner !== joined.owner || lock.exclusive !== joined.exclusive) return true;
      if (lock.end !== joined.start && lock.start !== joined.end) return true;
      joined.start = Math.min(joined.start, lock.start);
      joined.end = Math.max(joined.end, lock.end);
      return false;
    });
    return joined;
  }
}

function leadsTo(from: object, to: object): boolean {
  let place: object | undefined = from;
  for (let steps = 0; place && steps < MOST; steps++) {
    if (place === to) return true;
    place = waitsFor.get(place);
  }
  return false;
}
