/**
 * Everything that is to happen at a time: ends of waits, alarms, timerfds. One heap, and one timer of Node's for its top,
 * so that a thousand sleeping guests cost Node nothing.
 *
 * Node's timers fire only while the kernel is parked; a kernel that is busy serving calls `expire()` now and then.
 */
import type { Clock } from './clock.ts';

/** The longest that Node's timers can wait. */
const LONGEST = 2 ** 31 - 1;

/** One thing to happen. Made idle; `TimerQueue.arm` puts it into the queue, and it may be armed again and again. */
export class Timer {
  readonly fire: () => void;
  /** On CLOCK_MONOTONIC, milliseconds; meaningful while armed. */
  deadline = 0;
  /** Its place in the heap, -1 when it is not armed. */
  index = -1;

  /** @param fire is called once each time the deadline has passed; must not throw */
  constructor(fire: () => void) {
    this.fire = fire;
  }

  get armed(): boolean {
    return this.index >= 0;
  }
}

export class TimerQueue {
  readonly #clock: Clock;
  readonly #heap: Timer[] = [];
  #timeout: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  /** When Node will call us, on CLOCK_MONOTONIC. */
  #scheduled = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param deadline on CLOCK_MONOTONIC, milliseconds; one that has passed fires at the next `expire` */
  arm(timer: Timer, deadline: number): void {
    if (timer.index >= 0) this.#remove(timer);
    timer.deadline = deadline;
    timer.index = this.#heap.length;
    this.#heap.push(timer);
    this.#up(timer);
    if (this.#heap[0] === timer) this.#schedule();
  }

  disarm(timer: Timer): void {
    if (timer.index >= 0) this.#remove(timer);
  }

  /** Milliseconds until the next timer fires: 0 when one is due, Infinity when there is none. */
  untilNext(): number {
    const top = this.#heap[0];
    return top ? Math.max(0, top.deadline - this.#clock.monotonic()) : Infinity;
  }

  /** Fires what is due. */
  expire(): void {
    if (this.#heap.length === 0) return;
    const now = this.#clock.monotonic();
    for (let top = this.#heap[0]; top && top.deadline <= now; top = this.#heap[0]) {
      this.#remove(top);
      top.fire();
    }
    this.#schedule();
  }

  /** Nothing more will fire. */
  close(): void {
    for (const timer of this.#heap) timer.index = -1;
    this.#heap.length = 0;
    this.#cancel();
  }

  /** Lets Node call us for the top. A call that comes too early just schedules the next. */
  #schedule(): void {
    const top = this.#heap[0];
    if (!top) return this.#cancel();
    if (this.#scheduled <= top.deadline) return;
    this.#cancel();
    this.#scheduled = top.deadline;
    const wait = top.deadline - this.#clock.monotonic();
    // Node's timers count whole milliseconds: the last part of one is waited for by turning the event loop.
    if (wait < 1) this.#immediate = setImmediate(this.#called);
    else this.#timeout = setTimeout(this.#called, Math.min(LONGEST, Math.floor(wait)));
  }

  readonly #called = (): void => {
    this.#scheduled = Infinity;
    this.expire();
  };

  #cancel(): void {
    clearTimeout(this.#timeout);
    clearImmediate(this.#immediate);
    this.#scheduled = Infinity;
  }

  #remove(timer: Timer): void {
    const last = this.#heap.pop()!;
    if (last !== timer) {
      last.index = timer.index;
      this.#heap[last.index] = last;
      this.#up(last);
      this.#down(last);
    }
    timer.index = -1;
  }

  #up(timer: Timer): void {
    while (timer.index > 0) {
      const parent = this.#heap[(timer.index - 1) >> 1]!;
      if (parent.deadline <= timer.deadline) return;
      this.#swap(parent, timer);
    }
  }

  #down(timer: Timer): void {
    for (;;) {
      const left = this.#heap[2 * timer.index + 1];
      const right = this.#heap[2 * timer.index + 2];
      const child = right && left && right.deadline < left.deadline ? right : left;
      if (!child || timer.deadline <= child.deadline) return;
      this.#swap(timer, child);
    }
  }

  #swap(above: Timer, below: Timer): void {
    const index = above.index;
    above.index = below.index;
    below.index = index;
    this.#heap[above.index] = above;
    this.#heap[below.index] = below;
  }
}
