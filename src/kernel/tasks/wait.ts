/**
 * A task that waits inside a system call (Linux: wait_event_interruptible): it tries again at each wake of a queue.
 *
 * A wake only puts it on the kernel's list; the main loop lets it try when the call that woke it is done. So a handler is
 * never entered from within another one.
 */
import { EAGAIN, ERESTARTSYS, ETIMEDOUT } from '../../linux/errno.ts';
import { Failure } from '../failure.ts';
import type { Kernel } from '../kernel.ts';
import type { Timer } from '../timers.ts';
import type { Waiter, WaitQueue } from '../wait-queue.ts';

export class Wait implements Waiter {
  /** Ends the wait as the handler sees it. */
  resolve: (result: number) => void = unset;
  /** A kernel bug in `attempt`. */
  reject: (error: unknown) => void = unset;
  readonly #kernel: Kernel;
  readonly #queues: readonly WaitQueue[] | WaitQueue;
  readonly #attempt: () => number;
  readonly #interruptible: boolean;
  readonly #ended: () => void;
  #timer: Timer | undefined;
  #listed = false;
  #over = false;

  /** @param ended called once, before the handler goes on */
  constructor(
    kernel: Kernel,
    queues: readonly WaitQueue[] | WaitQueue,
    attempt: () => number,
    interruptible: boolean,
    ended: () => void,
  ) {
    this.#kernel = kernel;
    this.#queues = queues;
    this.#attempt = attempt;
    this.#interruptible = interruptible;
    this.#ended = ended;
  }

  begin(deadline: number): void {
    if ('add' in this.#queues) this.#queues.add(this);
    else for (const queue of this.#queues) queue.add(this);
    if (deadline !== Infinity) this.#timer = this.#kernel.timers.at(deadline, () => this.#timeout());
  }

  notify(): void {
    if (this.#listed || this.#over) return;
    this.#listed = true;
    this.#kernel.retryLater(this);
  }

  /** Tries; called by the main loop. */
  retry(): void {
    this.#listed = false;
    if (this.#over) return;
    try {
      const result = this.#attempt();
      if (result !== -EAGAIN) this.#end(result);
    } catch (error) {
      if (error instanceof Failure) this.#end(-error.errno);
      else this.#fail(error);
    }
  }

  /** A signal has come. What has been woken before gets its chance first. */
  interrupt(): void {
    if (this.#listed) this.retry();
    if (this.#interruptible) this.#end(-ERESTARTSYS);
  }

  /** The task is dying: the handler unwinds, and nobody looks at its result. */
  abandon(): void {
    this.#end(-ERESTARTSYS);
  }

  #timeout(): void {
    this.#timer = undefined;
    this.retry();
    this.#end(-ETIMEDOUT);
  }

  #end(result: number): void {
    if (this.#over) return;
    this.#leave();
    this.resolve(result);
  }

  #fail(error: unknown): void {
    this.#leave();
    this.reject(error);
  }

  #leave(): void {
    this.#over = true;
    if ('add' in this.#queues) this.#queues.remove(this);
    else for (const queue of this.#queues) queue.remove(this);
    if (this.#timer) this.#kernel.timers.cancel(this.#timer);
    this.#ended();
  }
}

function unset(): void {}
