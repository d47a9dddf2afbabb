/** Ranges of addresses that do not overlap, in ascending order. Most searches end where the last one did. */
export interface Range {
  start: number;
  /** The first address beyond. */
  end: number;
}

export class RangeList<T extends Range> {
  readonly items: T[] = [];
  readonly #split: (range: T, at: number) => T;
  #last = 0;

  /** @param split makes a range end at an address inside it, and returns the rest as a range of its own */
  constructor(split: (range: T, at: number) => T) {
    this.#split = split;
  }

  /** The range that an address lies in. */
  at(address: number): T | undefined {
    const last = this.items[this.#last];
    if (last !== undefined && address >= last.start && address < last.end) return last;
    const index = this.indexFrom(address);
    const found = this.items[index];
    if (found === undefined || address < found.start) return undefined;
    this.#last = index;
    return found;
  }

  endingAt(address: number): T | undefined {
    const before = this.items[this.indexFrom(address) - 1];
    return before?.end === address ? before : undefined;
  }

  /** The index of the first range that ends beyond an address: it contains it, or is the next one. */
  indexFrom(address: number): number {
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.items[middle]!.end > address) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Calls back for every part of a stretch of addresses that lies in one range. The visitor changes nothing here. */
  eachPart(start: number, end: number, visit: (range: T, start: number, end: number) => void): void {
    for (let index = this.indexFrom(start); index < this.items.length; index++) {
      const range = this.items[index]!;
      if (range.start >= end) return;
      visit(range, Math.max(start, range.start), Math.min(end, range.end));
    }
  }

  /** Adds a range to a place where there is none. @returns its index */
  add(range: T): number {
    const index = this.indexFrom(range.start);
    if (index === this.items.length) this.items.push(range);
    else this.items.splice(index, 0, range);
    return index;
  }

  remove(index: number): void {
    this.items.splice(index, 1);
  }

  /** Makes sure that no range reaches over an address. */
  cut(address: number): void {
    const index = this.indexFrom(address);
    const range = this.items[index];
    if (range !== undefined && range.start < address) {
      this.items.splice(index + 1, 0, this.#split(range, address));
    }
  }

  /** The ranges between two addresses, split so that none reaches beyond. */
  between(start: number, end: number): T[] {
    const first = this.#cutAround(start, end);
    return this.items.slice(first, this.indexFrom(end - 1) + 1).filter((range) => range.start < end);
  }

  /** Removes them as well. */
  take(start: number, end: number): T[] {
    const first = this.#cutAround(start, end);
    let last = first;
    while (last < this.items.length && this.items[last]!.start < end) last++;
    return last === first ? [] : this.items.splice(first, last - first);
  }

  #cutAround(start: number, end: number): number {
    this.cut(start);
    this.cut(end);
    return this.indexFrom(start);
  }
}
