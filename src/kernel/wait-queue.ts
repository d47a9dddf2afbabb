/** Who waits for something to change (Linux: include/linux/wait.h): a pipe to fill, a child to end, a lock to be free. */
export interface Waiter {
  /**
   * Called at every wake. It may add and remove waiters, itself included, and must not throw.
   *
   * @param events what may have changed, as poll bits
   * @returns for exclusive waiters: will it act on this? Then no further exclusive waiter is told.
   */
  notify(events: number): boolean | void;
  /** One of several of which only one shall wake (epoll_ctl(2), EPOLLEXCLUSIVE). */
  readonly exclusive?: boolean;
}

/** For a change that the waker does not tell apart. */
export const ALL_EVENTS = -1;

export class WaitQueue {
  readonly #waiters = new Set<Waiter>();

  get empty(): boolean {
    return this.#waiters.size === 0;
  }

  add(waiter: Waiter): void {
    this.#waiters.add(waiter);
  }

  remove(waiter: Waiter): void {
    this.#waiters.delete(waiter);
  }

  /** Tells everyone, and of the exclusive waiters the first that takes it; each looks again at what it waits for. */
  wake(events: number = ALL_EVENTS): void {
    if (this.#waiters.size === 0) return;
    if (this.#waiters.size === 1) {
      for (const only of this.#waiters) return void only.notify(events);
    }
    let taken = false;
    // A copy: whoever is told may wait again at once, and is not told of the same thing twice.
    for (const waiter of Array.from(this.#waiters)) {
      if (waiter.exclusive && taken) continue;
      if (waiter.notify(events) && waiter.exclusive) taken = true;
    }
  }
}
