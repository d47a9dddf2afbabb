/** What the parts of a start take. */
export interface Lap {
  step: string;
  microseconds: number;
}

export class Stopwatch {
  readonly laps: Lap[] = [];
  #since = performance.now();

  /** Ends a part. */
  lap(step: string): void {
    const now = performance.now();
    this.laps.push({ step, microseconds: (now - this.#since) * 1000 });
    this.#since = now;
  }
}
