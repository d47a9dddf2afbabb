/**
 * Processor time of a task, as near as we know it: all time since its start during which it did not wait. Waiting is
 * noticed where it happens, so that calls that need not wait pay nothing.
 */
import type { Clock } from '../time/clock.ts';

export class CpuClock {
  readonly #clock: Clock;
  readonly #started: number;
  #waited = 0;
  /** When it began to wait; undefined while it runs. */
  #since: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#started = clock.monotonic();
  }

  pause(): void {
    this.#since ??= this.#clock.monotonic();
  }

  resume(): void {
    if (this.#since === undefined) return;
    this.#waited += this.#clock.monotonic() - this.#since;
    this.#since = undefined;
  }

  /** Milliseconds. */
  used(): number {
    const end = this.#since ?? this.#clock.monotonic();
    return Math.max(0, end - this.#started - this.#waited);
  }
}
