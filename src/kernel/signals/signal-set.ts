/** A set of signals 1 to 64 (sigset_t), as two halves of 32 bits: JavaScript's bit operations go no further. */
export class SignalSet {
  /** Signals 1 to 32; signal N is bit N - 1. */
  low: number;
  /** Signals 33 to 64. */
  high: number;

  constructor(low = 0, high = 0) {
    this.low = low | 0;
    this.high = high | 0;
  }

  static of(...signals: number[]): SignalSet {
    const set = new SignalSet();
    for (const signal of signals) set.add(signal);
    return set;
  }

  get empty(): boolean {
    return (this.low | this.high) === 0;
  }

  has(signal: number): boolean {
    const half = signal > 32 ? this.high : this.low;
    return (half & (1 << ((signal - 1) & 31))) !== 0;
  }

  add(signal: number): void {
    if (signal > 32) this.high |= 1 << (signal - 33);
    else this.low |= 1 << (signal - 1);
  }

  delete(signal: number): void {
    if (signal > 32) this.high &= ~(1 << (signal - 33));
    else this.low &= ~(1 << (signal - 1));
  }

  clone(): SignalSet {
    return new SignalSet(this.low, this.high);
  }

  set(other: SignalSet): void {
    this.low = other.low;
    this.high = other.high;
  }

  addAll(other: SignalSet): void {
    this.low |= other.low;
    this.high |= other.high;
  }

  deleteAll(other: SignalSet): void {
    this.low &= ~other.low;
    this.high &= ~other.high;
  }

  /** Is there one that `mask` does not have? */
  beyond(mask: SignalSet): boolean {
    return ((this.low & ~mask.low) | (this.high & ~mask.high)) !== 0;
  }

  /** The lowest-numbered that `mask` does not have; 0 when there is none. */
  firstBeyond(mask: SignalSet): number {
    const low = this.low & ~mask.low;
    if (low !== 0) return 32 - Math.clz32(low & -low);
    const high = this.high & ~mask.high;
    return high === 0 ? 0 : 64 - Math.clz32(high & -high);
  }
}
