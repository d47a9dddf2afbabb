/** Counts calls and the time that the kernel spends in them (`ring3 run --stats`). */
const NUMBERS = 512;

export class CallStatistics {
  /** By number; the last counts all that are beyond the table. */
  readonly counts = new Float64Array(NUMBERS);
  /** Milliseconds in the handler. A call that waits counts until it begins to wait. */
  readonly times = new Float64Array(NUMBERS);
  /** How many came through a patched site, without the host. */
  readonly patched = new Float64Array(NUMBERS);
  #began = 0;

  enter(): void {
    this.#began = performance.now();
  }

  exit(number: number, patched: boolean): void {
    const row = number >= 0 && number < NUMBERS - 1 ? number : NUMBERS - 1;
    this.counts[row]!++;
    if (patched) this.patched[row]!++;
    this.times[row]! += performance.now() - this.#began;
  }
}

export interface CallCount {
  name: string;
  count: number;
  patched: number;
  /** Milliseconds in the handler. */
  time: number;
}

/** What was called, the most expensive first. @param names by number */
export function callCounts(statistics: CallStatistics, names: readonly (string | undefined)[]): CallCount[] {
  const { counts, patched, times } = statistics;
  const rows = [...counts.keys()].map((number) => ({
    name: names[number] ?? `call ${number}`,
    count: counts[number]!,
    patched: patched[number]!,
    time: times[number]!,
  }));
  return rows.filter(({ count }) => count > 0).sort((a, b) => b.time - a.time || b.count - a.count);
}
