/** Counts calls and the time that the kernel spends in them (`ring3 run --stats`). */
const NUMBERS = 512;

export class CallStatistics {
  /** By number; the last counts all that are beyond the table. */
  readonly counts = new Float64Array(NUMBERS);
  /** Milliseconds in the handler. A call that waits counts until it begins to wait. */
  readonly times = new Float64Array(NUMBERS);
  #began = 0;

  enter(): void {
    this.#began = performance.now();
  }

  exit(number: number): void {
    const row = number >= 0 && number < NUMBERS - 1 ? number : NUMBERS - 1;
    this.counts[row]!++;
    this.times[row]! += performance.now() - this.#began;
  }
}
