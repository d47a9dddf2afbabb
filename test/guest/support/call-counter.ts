/**
 * Counts which host calls a guest reaches from the stub's own instructions (native/programs/hostile/calls.h). It is told
 * of every try before it is made; a call that comes to the kernel has not reached the host.
 */
import type { Handler } from '../../../src/kernel/syscalls/handler.ts';
import { addon } from '../../../src/linux/addon.ts';

const ANNOUNCE = 700;
const BACK = 701;
const { STUB, STUB_END } = addon().stub;

export interface Counted {
  tries: number;
  trapped: number;
  /** Calls that did not come to the kernel, by name: in how many tries. */
  passed: Record<string, number>;
}

export class CallCounter {
  #back = 0;
  #stack = 0;
  #tries = 0;
  #trapped = 0;
  #announced: number | undefined;
  readonly #passed = new Map<number, number>();

  wrap(handler: Handler): Handler {
    return (task, args) => {
      const { registers, number } = task.thread;
      if (number === ANNOUNCE) return this.#announce(args[1]!);
      if (number === BACK) {
        [this.#back, this.#stack] = [args[0]!, args[1]!];
        return 0;
      }
      const { pc } = registers;
      if (pc < STUB || pc > STUB_END || this.#announced === undefined) return handler(task, args);
      // Another number: the call has passed, and this is what stands behind it in the stub.
      if (number === this.#announced) {
        this.#trapped++;
        this.#announced = undefined;
      } else this.#settle();
      registers.pc = this.#back;
      registers.sp = this.#stack - 8;
      return 0;
    };
  }

  #announce(number: number): number {
    this.#settle();
    this.#announced = number;
    this.#tries++;
    return 0;
  }

  #settle(): void {
    const number = this.#announced;
    if (number !== undefined) this.#passed.set(number, (this.#passed.get(number) ?? 0) + 1);
    this.#announced = undefined;
  }

  result(nameOf: (number: number) => string): Counted {
    this.#settle();
    const passed = Object.fromEntries([...this.#passed].map(([number, times]) => [nameOf(number), times]));
    return { tries: this.#tries, trapped: this.#trapped, passed };
  }
}
