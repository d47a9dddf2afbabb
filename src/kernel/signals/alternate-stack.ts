/** Where handlers with SA_ONSTACK run (sigaltstack(2)). */
export const SS_ONSTACK = 1;
export const SS_DISABLE = 2;
export const SS_AUTODISARM = 0x8000_0000 | 0;

export class AlternateStack {
  readonly base: number;
  readonly size: number;
  readonly flags: number;

  constructor(base = 0, size = 0, flags: number = SS_DISABLE) {
    this.base = base;
    this.size = size;
    this.flags = flags;
  }

  get enabled(): boolean {
    return (this.flags & SS_DISABLE) === 0 && this.size > 0;
  }

  get autodisarm(): boolean {
    return (this.flags & SS_AUTODISARM) !== 0;
  }

  /** Does a stack pointer say that a handler runs on it? With SS_AUTODISARM nobody looks. */
  holds(sp: number): boolean {
    return this.enabled && !this.autodisarm && sp > this.base && sp - this.base <= this.size;
  }

  /** As sigaltstack(2) shows it to one whose stack pointer is `sp`. */
  shownFlags(sp: number): number {
    if (!this.enabled) return SS_DISABLE;
    return (this.flags & SS_AUTODISARM) | (this.holds(sp) ? SS_ONSTACK : 0);
  }
}
