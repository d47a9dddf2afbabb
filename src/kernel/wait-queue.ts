/** Who waits for something to change (Linux: include/linux/wait.h): a pipe to fill, a child to end, a lock to be free. */
export interface Waiter {
  /** Called at every wake. It may add and remove waiters, itself included, and must not throw. */
  notify(): void;
}

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

  /** Tells everyone; each looks again whether what it waits for is there. */
  wake(): void {
    if (this.#waiters.size === 0) return;
    for (const waiter of [...this.#waiters]) waiter.notify();
  }
}
