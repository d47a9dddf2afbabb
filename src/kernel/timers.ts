/**
 * Everything that is to happen at a time: a heap that the main loop looks at between events. Node's own timers are too
 * coarse for it (1 ms), and would not fire while guests keep the loop busy.
 */
export class Timer {
  /** On the monotonic clock, milliseconds. */
  readonly deadline: number;
  /** Must not throw. */
  readonly fire: () => void;
  /** Where it is in the heap; -1 when it is not. */
  index = -1;

  constructor(deadline: number, fire: () => void) {
    this.deadline = deadline;
    this.fire = fire;
  }
}

export class Timers {
  readonly #heap: Timer[] = [];
  readonly #changed: () => void;

  /** @param changed called when an earlier deadline than all others has come */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** The earliest deadline; Infinity when there is none. */
  get next(): number {
    return this.#heap.length === 0 ? Infinity : this.#heap[0]!.deadline;
  }

  at(deadline: number, fire: () => void): Timer {
    const timer = new Timer(deadline, fire);
    this.#rise(timer, this.#heap.length);
    if (timer.index === 0) this.#changed();
    return timer;
  }

  cancel(timer: Timer): void {
    const { index } = timer;
    if (index < 0) return;
    timer.index = -1;
    const last = this.#heap.pop()!;
    if (last === timer) return;
    this.#sink(last, index);
    this.#rise(last, last.index);
  }

  /** Fires what is due, earliest first. */
  run(now: number): void {
    while (this.next <= now) {
      const timer = this.#heap[0]!;
      this.cancel(timer);
      timer.fire();
    }
  }

  #rise(timer: Timer, from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.#heap[parent]!;
      if (above.deadline <= timer.deadline) break;
      this.#place(above, index);
      index = parent;
    }
    this.#place(timer, index);
  }

  #sink(timer: Timer, from: number): void {
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      const right = this.#heap[child + 1];
      if (right && right.deadline < this.#heap[child]!.deadline) child++;
      const below = this.#heap[child];
      if (!below || below.deadline >= timer.deadline) break;
      this.#place(below, index);
      index = child;
    }
    this.#place(timer, index);
  }

  #place(timer: Timer, index: number): void {
    this.#heap[index] = timer;
    timer.index = index;
  }
}
