/**
 * How many bytes of the host's files are kept in memory. When it is more than the bound, those filled longest ago are
 * dropped, unless they are mapped or changed.
 */
export interface Evictable {
  readonly evictable: boolean;
  readonly held: number;
  evict(): void;
}

export class PageBudget {
  readonly #bound: number;
  /** In the order of their last filling. */
  readonly #files = new Set<Evictable>();
  #held = 0;

  constructor(bound: number) {
    this.#bound = bound;
  }

  /** `pages` has taken so many bytes more. */
  grew(pages: Evictable, bytes: number): void {
    this.#files.delete(pages);
    this.#files.add(pages);
    this.#held += bytes;
    if (this.#held > this.#bound) this.#shrink(pages);
  }

  forget(pages: Evictable): void {
    if (this.#files.delete(pages)) this.#held -= pages.held;
  }

  /** Drops all that can be read again, for memory that is needed elsewhere. @returns whether there was anything */
  drop(): boolean {
    const before = this.#held;
    for (const pages of this.#files) {
      if (!pages.evictable) continue;
      this.#held -= pages.held;
      pages.evict();
      this.#files.delete(pages);
    }
    return this.#held < before;
  }

  #shrink(except: Evictable): void {
    for (const pages of this.#files) {
      if (this.#held <= this.#bound) return;
      if (pages === except || !pages.evictable) continue;
      this.#held -= pages.held;
      pages.evict();
      this.#files.delete(pages);
    }
  }
}
