/**
 * The clocks of clock_gettime(2) that are the same for every task. They follow the host's, so that times that the guest
 * sees in files and in its own clocks agree.
 */
import { performance } from 'node:perf_hooks';

/** struct timespec in two doubles: no BigInt, and exact. Normalised: 0 <= nanoseconds < 1e9. */
export interface TimeSpec {
  seconds: number;
  nanoseconds: number;
}

const NS_PER_MS = 1e6;
const NS_PER_SECOND = 1e9;
/** A step of the host's clock (settimeofday, NTP) is noticed when it exceeds this, milliseconds. */
const TOLERANCE = 2;

/** @param ms may be negative */
export function fromMilliseconds(ms: number): TimeSpec {
  const seconds = Math.floor(ms / 1000);
  const nanoseconds = Math.round((ms - seconds * 1000) * NS_PER_MS);
  return nanoseconds < NS_PER_SECOND ? { seconds, nanoseconds } : { seconds: seconds + 1, nanoseconds: 0 };
}

/** Inexact beyond about 2^53 ns, which matters for absolute times of CLOCK_REALTIME only (by less than 1 µs). */
export function toMilliseconds(seconds: number, nanoseconds: number): number {
  return seconds * 1000 + nanoseconds / NS_PER_MS;
}

export class Clock {
  /** CLOCK_MONOTONIC when performance.now() was 0, milliseconds. */
  readonly #start: number;
  /** CLOCK_REALTIME - CLOCK_MONOTONIC. Kept in two parts: a double of milliseconds since 1970 resolves 0.2 µs only. */
  #offsetSeconds = 0;
  #offsetNanoseconds = 0;
  /** The same in milliseconds. */
  #offset = 0;

  constructor() {
    const [seconds, nanoseconds] = process.hrtime();
    this.#start = toMilliseconds(seconds, nanoseconds) - performance.now();
    this.#setOffset(performance.timeOrigin - this.#start);
  }

  /** CLOCK_MONOTONIC in milliseconds with fractions: every deadline inside the kernel is on this clock. */
  monotonic(): number {
    return this.#start + performance.now();
  }

  /** CLOCK_REALTIME in milliseconds since 1970. */
  realtime(): number {
    return this.monotonic() + this.realtimeOffset();
  }

  /** How far CLOCK_REALTIME is ahead of CLOCK_MONOTONIC, milliseconds. */
  realtimeOffset(): number {
    const told = Date.now() - this.monotonic();
    if (Math.abs(told - this.#offset) > TOLERANCE) this.#setOffset(told);
    return this.#offset;
  }

  monotonicTime(): TimeSpec {
    return fromMilliseconds(this.monotonic());
  }

  realTime(): TimeSpec {
    this.realtimeOffset();
    const time = fromMilliseconds(this.monotonic());
    time.seconds += this.#offsetSeconds;
    time.nanoseconds += this.#offsetNanoseconds;
    if (time.nanoseconds >= NS_PER_SECOND) {
      time.seconds++;
      time.nanoseconds -= NS_PER_SECOND;
    }
    return time;
  }

  #setOffset(ms: number): void {
    const { seconds, nanoseconds } = fromMilliseconds(ms);
    this.#offsetSeconds = seconds;
    this.#offsetNanoseconds = nanoseconds;
    this.#offset = ms;
  }
}
