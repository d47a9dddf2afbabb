/** `trap` and `rewrite`: events come through shared memory, and the kernel looks for them there. */
import { addon, type Doorbell } from '../linux/addon.ts';
import { TRAPPING } from './filters.ts';
import type { Thread } from './platform.ts';
import { Sites } from './rewrite/sites.ts';
import { TextCache } from './rewrite/text-cache.ts';
import type { Text } from './rewrite/text.ts';
import { Trampolines } from './rewrite/trampolines.ts';
import type { SandboxMemory } from './sandbox-memory.ts';
import { StubPlatform } from './stub-platform.ts';
import type { StubSpace } from './stub-space.ts';
import { StubThread } from './stub-thread.ts';

const abi = addon().stub;
const { RUN } = abi;

/**
 * How long, in looks of about 1.5 ns, the kernel looks for an event before it sleeps: about what a wake takes. Fewer once
 * events take so long that looking was in vain: others want the cores, or the guest computes.
 */
const LOOKS = 200_000;
const FEW_LOOKS = 500;
/** An event that comes within so many milliseconds of falling asleep would have been worth a look. */
const SOON = 2;
/** How long a guest looks for its answer: while the kernel looks, when several guests want the cores, while it does not. */
const GUEST_LOOKS = 1_000_000;
const GUEST_LOOKS_SHARED = 20_000;
const GUEST_FEW_LOOKS = 20_000;
/** How long the kernel sleeps on its bell before it gives the thread back to Node, microseconds. */
const NAP = 1000;
/** Node's event loop gets a turn at least this often, milliseconds, even if guests ring the bell all the time. */
const TURN = 2;
/** After so many looks for events, a power of two, other things get their turn. */
const LOOKS_PER_TURN = 4096;

export class RingPlatform extends StubPlatform {
  readonly text: TextCache | undefined;
  /** Guests and kernel have cores of their own, so that it pays to look for an answer instead of sleeping. */
  readonly #several: boolean;
  #looks: number;
  /** When the kernel last gave up looking; 0 when it has seen an event since. */
  #gaveUp = 0;
  readonly #sites: Sites | undefined;
  readonly #doorbell: Doorbell;
  #nexts = 0;
  #turned = performance.now();

  constructor(name: 'trap' | 'rewrite', memory: SandboxMemory) {
    super(name, memory, TRAPPING);
    this.#several = addon().cores().length > 1;
    this.#looks = this.#several ? LOOKS : 1;
    if (name === 'rewrite') {
      this.#sites = new Sites(new Trampolines(this.shared));
      this.text = new TextCache(memory, this.#sites);
    }
    this.#doorbell = new (addon().Doorbell)(this.shared.words, this.bell, () => this.rung?.());
  }

  protected override get reuses(): boolean {
    return true;
  }

  makeThread(space: StubSpace, context: number, place: number): StubThread {
    return new StubThread(space, this.shared, context, place);
  }

  resume(resumed: Thread): void {
    const thread = resumed as StubThread;
    if (thread.lost) {
      this.running.push(thread);
      return;
    }
    if (this.#sites && (thread.registers.changed || thread.entry !== abi.EVENT_CALL)) {
      const { pc } = thread.registers;
      const at = this.#textAt(thread, pc)?.resumeAt(pc);
      if (at !== undefined && at !== pc) thread.registers.pc = at;
    }
    if (!thread.started) {
      thread.resumeAtStart = true;
      return;
    }
    if (this.#several) thread.spin = this.#guestLooks();
    const { space } = thread;
    if (space.pending) space.handOver(thread);
    else {
      if (space.working) space.flush();
      thread.answer(RUN);
    }
    this.running.push(thread);
  }

  #guestLooks(): number {
    if (this.#looks < LOOKS) return GUEST_FEW_LOOKS;
    return this.running.length > this.quiet ? GUEST_LOOKS_SHARED : GUEST_LOOKS;
  }

  next(): StubThread | undefined {
    if (this.unsettled.size > 0) this.settle();
    if ((++this.#nexts & (LOOKS_PER_TURN - 1)) === 0) this.attend();
    if (this.running.length === this.quiet) return this.#look(1);
    const event = this.#look(this.#looks);
    if (event === undefined) this.#gaveUp ||= performance.now();
    else if (this.#gaveUp > 0) this.#adapt();
    else if (this.#several) this.#looks = LOOKS;
    return event;
  }

  /** An event has come after the kernel had given up looking for it. */
  #adapt(): void {
    const waited = performance.now() - this.#gaveUp;
    this.#gaveUp = 0;
    if (this.#several) this.#looks = waited < SOON ? LOOKS : FEW_LOOKS;
  }

  #look(times: number): StubThread | undefined {
    const running = this.running;
    for (let looks = times; looks > 0; looks--) {
      for (let index = 0; index < running.length; index++) {
        const thread = running[index]!;
        if (!thread.waiting) {
          if (thread.handedOver && !thread.space.working) thread.handedOver = false;
          continue;
        }
        const event = this.#take(thread, index);
        if (event) return event;
      }
    }
    return undefined;
  }

  #take(thread: StubThread, index: number): StubThread | undefined {
    const running = this.running;
    const last = running.pop()!;
    if (last !== thread) running[index] = last;
    thread.take();
    if (thread.entry !== abi.EVENT_CALL && this.#sites && thread.started && !thread.lost) {
      if (this.#patched(thread, this.#sites)) return undefined;
    }
    return this.arrived(thread);
  }

  /**
   * What a patched site makes of an event: a trap may patch one, a fault may come from one.
   * @returns true when the thread runs again, and the kernel need not know
   */
  #patched(thread: StubThread, sites: Sites): boolean {
    const { entry, registers } = thread;
    const { pc } = registers;
    if (entry === abi.EVENT_TRAP) {
      const text = this.#textAt(thread, pc - 2);
      if (text) sites.patch(text, pc);
    } else if (entry === abi.EVENT_FAULT || entry === abi.EVENT_INTERRUPT) {
      if (entry === abi.EVENT_FAULT && this.#textAt(thread, pc)?.explains(pc)) {
        this.resume(thread);
        return true;
      }
      // Signal handlers and debuggers find the guest's own instruction, not the one that it has become.
      const origin = sites.originOf(pc);
      if (origin !== undefined) registers.pc = origin;
    }
    return false;
  }

  /** The text that a thread's process shows at an address, if it is one that may be patched. */
  #textAt({ space }: StubThread, address: number): Text | undefined {
    const offset = space.textOffset(address);
    return offset < 0 ? undefined : this.text!.at(offset, address);
  }

  protected async sleep(ms: number): Promise<void> {
    const { words } = this.shared;
    const seen = words[this.bell]!;
    if (this.#setParked()) {
      if (this.running.length > this.quiet && ms >= NAP / 1000)
        addon().futexWait(words, this.bell, seen, NAP);
      if (words[this.bell] === seen) await this.untilRung(ms, () => this.#doorbell.watch(seen));
      else if (performance.now() - this.#turned > TURN) await new Promise((resolve) => setImmediate(resolve));
      else return this.#unpark();
    } else await new Promise((resolve) => setImmediate(resolve));
    this.#turned = performance.now();
    this.#unpark();
  }

  #unpark(): void {
    for (const thread of this.running) thread.setParked(false);
  }

  /** Asks all guests to ring. @returns false when one has an event already */
  #setParked(): boolean {
    let quiet = true;
    for (const thread of this.running) {
      if (thread.handedOver && !thread.space.working) thread.handedOver = false;
      // Its control thread lets it go as one that rings.
      if (!thread.handedOver && !thread.setParked(true)) quiet = false;
    }
    return quiet;
  }

  protected override release(): Promise<void> {
    this.#doorbell.close();
    return super.release();
  }
}
