/**
 * A guest thread whose calls are notified. A notification has a call's number and arguments, and its answer a result: enough
 * for nearly all calls. Who needs more interrupts the thread by a signal: the call is then withdrawn, the handler saves all
 * registers, and the answer goes into them.
 */
import { randomInt } from 'node:crypto';
import { addon } from '../../linux/addon.ts';
import { REGISTERS_X86_64 as R } from '../../linux/registers-x86-64.ts';
import type { SharedMemory } from '../shared-memory.ts';
import type { StubSpace } from '../stub-space.ts';
import { StubRegisters, StubThread } from '../stub-thread.ts';
import { idHighOf, idLowOf, readCall } from './notification.ts';
import type { NotifyPlatform } from './notify-platform.ts';

const abi = addon().stub;
const { PARKED, REQUEST, ASLEEP } = abi;
const HIGH = 0x1_0000_0000;
const SYSCALL_LENGTH = 2;
const MOST_TOKENS = 2 ** 47;

/** Registers that are fetched when somebody looks at them. */
class FetchedRegisters extends StubRegisters {
  readonly #fetch: () => void;

  constructor(words: Int32Array, base: number, fetch: () => void) {
    super(words, base);
    this.#fetch = fetch;
  }

  override get(index: number): number {
    this.#fetch();
    return super.get(index);
  }

  override low(index: number): number {
    this.#fetch();
    return super.low(index);
  }

  override high(index: number): number {
    this.#fetch();
    return super.high(index);
  }

  override setHalves(index: number, low: number, high: number): void {
    this.#fetch();
    super.setHalves(index, low, high);
  }
}

export class NotifyThread extends StubThread {
  /** It rings for every event of its own. */
  override readonly firstState = PARKED;
  /** No other process of the sandbox can guess it. */
  override readonly token = randomInt(1, MOST_TOKENS);
  hostTid = 0;
  /** The notification that waits for our answer. */
  idLow = 0;
  idHigh = 0;
  /** It waits in a call, its registers in the processor; otherwise they are in its context. */
  inCall = false;
  readonly #platform: NotifyPlatform;
  /** A signal of ours is on its way: no answer to a notification can be relied on until it has arrived. */
  #signalled = false;
  #hasResult = false;
  /** The kernel has answered, and the thread goes on as soon as the signal has arrived. */
  #owed = false;
  #resultLow = 0;
  #resultHigh = 0;

  constructor(
    platform: NotifyPlatform,
    space: StubSpace,
    shared: SharedMemory,
    context: number,
    place: number,
  ) {
    super(space, shared, context, place);
    this.#platform = platform;
  }

  protected override makeRegisters(words: Int32Array, base: number): StubRegisters {
    return new FetchedRegisters(words, base, () => this.#fetch());
  }

  /** What waits for our answer from now on. */
  hold(words: Int32Array): void {
    this.idLow = idLowOf(words);
    this.idHigh = idHighOf(words);
  }

  /** A call has come. */
  begin(words: Int32Array): void {
    this.calls = 0;
    this.inCall = true;
    this.#hasResult = false;
    this.event = 'syscall';
    this.entry = abi.EVENT_TRAP;
    this.number = readCall(words, this.args);
  }

  /**
   * The stub has rung: for an event in the context, or because a signal came while it had one already.
   * @returns whether there is an event that the kernel may have to know
   */
  rang(): boolean {
    const { state } = this;
    this.calls = 0;
    if (state !== REQUEST && state !== ASLEEP) {
      this.#signalled = false;
      this.#platform.answer(this, 0, 0);
      return false;
    }
    if (this.inCall) {
      this.#withdraw();
      return false;
    }
    this.take();
    if (this.entry === abi.EVENT_INTERRUPT) this.#signalled = false;
    return true;
  }

  /** The call's notification is gone: the handler has saved all registers, as they were when the call was about to begin. */
  #withdraw(): void {
    this.#signalled = false;
    this.inCall = false;
    this.registers.pc += SYSCALL_LENGTH;
    if (this.#hasResult) this.registers.setHalves(R.rax, this.#resultLow, this.#resultHigh);
    if (this.#owed) this.answer(abi.RUN);
    this.#owed = false;
  }

  #fetch(): void {
    if (!this.inCall) return;
    this.interrupt();
    if (this.#platform.untilWithdrawn(this)) return;
    this.inCall = false;
    this.space.lose();
  }

  /** Lets it run. */
  goOn(): void {
    if (!this.inCall) this.answer(abi.RUN);
    else if (!this.#signalled && this.#platform.answer(this, this.#resultLow, this.#resultHigh))
      this.inCall = false;
    else this.#owed = true;
  }

  override answer(_state: number, more = 0): void {
    if (this.publish(PARKED, more) === ASLEEP) this.wake();
    this.#platform.answer(this, 0, 0);
  }

  override setResult(value: number): void {
    if (!this.inCall) return super.setResult(value);
    this.#resultHigh = Math.floor(value / HIGH);
    this.#resultLow = value - this.#resultHigh * HIGH;
    this.#hasResult = true;
  }

  override setThreadPointer(address: number): void {
    this.#fetch();
    super.setThreadPointer(address);
  }

  override interrupt(): void {
    if (!this.started || this.#signalled) return;
    this.#signalled = true;
    super.interrupt();
  }

  override idle(): void {}

  override extendedState(): Promise<Buffer> | Buffer {
    this.#fetch();
    return super.extendedState();
  }
}
