/** Signals that have been sent and not yet delivered, of a task or of a whole process (Linux: struct sigpending). */
import type { SignalInfo } from '../../linux/siginfo.ts';
import { SignalSet } from './signal-set.ts';

export const FIRST_REAL_TIME = 32;

export class PendingSignals {
  readonly set = new SignalSet();
  #queue: SignalInfo[] = [];

  /**
   * A standard signal that is pending already is not queued again; real-time signals queue up (signal(7)).
   * @param limit how many may be queued (RLIMIT_SIGPENDING) @returns false when it was there already or found no room
   */
  add(info: SignalInfo, limit: number): boolean {
    const { signal } = info;
    if (this.set.has(signal)) {
      if (signal < FIRST_REAL_TIME || this.#queue.length >= limit) return false;
      if (info.source && this.#queue.some(({ source }) => source === info.source)) return false;
    }
    this.set.add(signal);
    this.#queue.push(info);
    return true;
  }

  /** Takes the first of that number; undefined when there is none. */
  take(signal: number): SignalInfo | undefined {
    if (!this.set.has(signal)) return undefined;
    const at = this.#queue.findIndex((info) => info.signal === signal);
    const [info] = this.#queue.splice(at, 1);
    if (!this.#queue.some((other) => other.signal === signal)) this.set.delete(signal);
    return info;
  }

  /** Forgets all that are in `signals`. */
  discard(signals: SignalSet): void {
    if (((this.set.low & signals.low) | (this.set.high & signals.high)) === 0) return;
    this.#queue = this.#queue.filter((info) => !signals.has(info.signal));
    this.set.deleteAll(signals);
  }
}
