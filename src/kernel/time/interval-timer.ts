/** A timer that a guest has set: once or periodically, and counting what it has missed (timerfd, timer_create, setitimer). */
import type { Timer, Timers } from '../timers.ts';
import type { Clock } from './clock.ts';

/** What a timer counts, in milliseconds. */
export interface TimeSource {
  now(): number;
  /** The least time until `now()` can have become `deadline`. */
  wait(deadline: number): number;
}

/** CLOCK_MONOTONIC. Timers on CLOCK_REALTIME are set by the difference: a step of the host's clock does not move them. */
export function monotonicSource(clock: Clock): TimeSource {
  return { now: () => clock.monotonic(), wait: (deadline) => deadline - clock.monotonic() };
}

/** Processor time is looked at no more often than this, milliseconds: Linux, too, looks at its ticks only. */
const TICK = 4;

/** Processor time passes at most as fast as one task after another; with threads a timer may come a little late. */
export function cpuSource(account: { cpuTime(): number }): TimeSource {
  return {
    now: () => account.cpuTime(),
    wait: (deadline) => Math.max(TICK, deadline - account.cpuTime()),
  };
}

export interface TimerSetting {
  /** Milliseconds until it expires; 0: it is not set. */
  value: number;
  /** Milliseconds between expirations; 0: once. */
  interval: number;
}

/** No timer keeps the kernel busier than this, milliseconds. */
const SHORTEST = 0.05;

export class IntervalTimer {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #source: TimeSource;
  readonly #expired: (count: number) => void;
  #timer: Timer | undefined;
  #deadline = 0;
  #interval = 0;
  #set = false;

  /** @param expired is told how many expirations there have been since it was told last; must not throw */
  constructor(
    kernel: { clock: Clock; timers: Timers },
    expired: (count: number) => void,
    source: TimeSource = monotonicSource(kernel.clock),
  ) {
    this.#clock = kernel.clock;
    this.#timers = kernel.timers;
    this.#source = source;
    this.#expired = expired;
  }

  /** @param value milliseconds from now; 0 disarms */
  set(value: number, interval: number): void {
    if (value === 0) this.stop();
    else this.setAt(this.#source.now() + value, interval);
  }

  /** @param deadline on the timer's source */
  setAt(deadline: number, interval: number): void {
    this.stop();
    this.#set = true;
    this.#deadline = deadline;
    this.#interval = interval;
    this.#arm(0);
  }

  get(): TimerSetting {
    if (!this.#set) return { value: 0, interval: this.#interval };
    // One that is due and has not been told yet is still armed: never 0.
    return { value: Math.max(1e-6, this.#deadline - this.#source.now()), interval: this.#interval };
  }

  get armed(): boolean {
    return this.#set;
  }

  stop(): void {
    if (this.#timer) this.#timers.cancel(this.#timer);
    this.#timer = undefined;
    this.#set = false;
    this.#interval = 0;
  }

  #arm(least: number): void {
    const wait = Math.max(least, this.#source.wait(this.#deadline));
    this.#timer = this.#timers.at(this.#clock.monotonic() + wait, this.#fire);
  }

  readonly #fire = (): void => {
    this.#timer = undefined;
    const late = this.#source.now() - this.#deadline;
    if (late < 0) return this.#arm(SHORTEST);
    let count = 1;
    if (this.#interval > 0) {
      count += Math.floor(late / this.#interval);
      this.#deadline += count * this.#interval;
      this.#arm(SHORTEST);
    } else this.#set = false;
    this.#expired(count);
  };
}
