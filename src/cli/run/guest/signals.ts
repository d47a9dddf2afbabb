/** Our own signals as the guest's. */
import { SIGNALS } from '../../../linux/signals.ts';
import type { Guest } from '../../../sandbox/guest/run.ts';
import { FORWARDED } from '../signals.ts';

/** Whoever asks twice within so many milliseconds has lost patience. */
const PATIENCE = 1000;
const ENDING: readonly string[] = ['SIGINT', 'SIGTERM'];

type Forwarded = (typeof FORWARDED)[number];

export class GuestSignals {
  #guest: Guest | undefined;
  #early: Forwarded[] = [];
  #last = -Infinity;

  /** Those that came while it was started go first. */
  attach(guest: Guest): void {
    this.#guest = guest;
    for (const signal of this.#early) guest.signal(SIGNALS[signal]);
  }

  /** Forwards our own signals until the returned function is called. */
  listen(): () => void {
    const handlers = FORWARDED.map((signal) => {
      const handler = (): void => this.#forward(signal);
      process.on(signal, handler);
      return () => process.off(signal, handler);
    });
    return () => handlers.forEach((remove) => remove());
  }

  #forward(signal: Forwarded): void {
    if (!this.#guest) return void this.#early.push(signal);
    const now = performance.now();
    const again = ENDING.includes(signal) && now - this.#last < PATIENCE;
    if (ENDING.includes(signal)) this.#last = now;
    if (again) this.#guest.kill();
    else this.#guest.signal(SIGNALS[signal]);
  }
}
