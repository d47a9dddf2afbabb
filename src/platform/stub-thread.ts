/** A guest thread that runs in a stub: its context is in shared memory, and the hand-over is one word of it. */
import { addon } from '../linux/addon.ts';
import { REGISTERS_X86_64 as R } from '../linux/registers-x86-64.ts';
import type { EventKind, Fault, Registers, Thread } from './platform.ts';
import type { SharedMemory } from './shared-memory.ts';
import type { StubSpace } from './stub-space.ts';

const abi = addon().stub;
const HIGH = 0x1_0000_0000;
/** Bytes of vector state that every processor saves: the legacy area and the header (Intel SDM, volume 1, 13.4). */
const LEAST_STATE = 576;

/** Word of the context for each register, in the order of src/linux/registers-x86-64.ts. */
const PLACES: readonly number[] = (() => {
  const places: Record<keyof typeof R, number> = {
    r8: abi.R8,
    r9: abi.R9,
    r10: abi.R10,
    r11: abi.R11,
    r12: abi.R12,
    r13: abi.R13,
    r14: abi.R14,
    r15: abi.R15,
    rdi: abi.RDI,
    rsi: abi.RSI,
    rbp: abi.RBP,
    rbx: abi.RBX,
    rdx: abi.RDX,
    rax: abi.RAX,
    rcx: abi.RCX,
    rsp: abi.RSP,
    rip: abi.RIP,
    eflags: abi.FLAGS,
  };
  return Object.keys(R).map((name) => places[name as keyof typeof R] / 4);
})();

const STATE = abi.STATE / 4;
const EVENT = abi.EVENT / 4;
const RAX = abi.RAX / 4;
const ARGS = abi.RDI / 4;
const { RUN, IDLE, REQUEST, ASLEEP, HANDOVER, ANSWER_FRESH, ANSWER_FULL, ANSWER_TLS } = abi;

export class StubRegisters implements Registers {
  readonly #words: Int32Array;
  readonly #base: number;
  /** Something other than the result was changed, so the stub must load all. */
  changed = false;

  constructor(words: Int32Array, base: number) {
    this.#words = words;
    this.#base = base;
  }

  get(index: number): number {
    const at = this.#base + PLACES[index]!;
    return this.#words[at + 1]! * HIGH + (this.#words[at]! >>> 0);
  }

  set(index: number, value: number): void {
    const high = Math.floor(value / HIGH);
    this.setHalves(index, value - high * HIGH, high);
  }

  low(index: number): number {
    return this.#words[this.#base + PLACES[index]!]!;
  }

  high(index: number): number {
    return this.#words[this.#base + PLACES[index]! + 1]!;
  }

  setHalves(index: number, low: number, high: number): void {
    const at = this.#base + PLACES[index]!;
    this.#words[at] = low;
    this.#words[at + 1] = high;
    this.changed = true;
  }

  get pc(): number {
    return this.get(R.rip);
  }

  set pc(value: number) {
    this.set(R.rip, value);
  }

  get sp(): number {
    return this.get(R.rsp);
  }

  set sp(value: number) {
    this.set(R.rsp, value);
  }
}

export class StubThread implements Thread {
  readonly space: StubSpace;
  readonly registers: StubRegisters;
  readonly args = new Float64Array(6);
  readonly fault: Fault = { signal: 0, code: 0, address: 0, write: false, execute: false };
  /** Index of its context and of its bell. */
  readonly context: number;
  /** Which of the space's threads it is. */
  readonly place: number;
  /** Where the guest's process has its context. */
  readonly address: number;
  /** `state` while the new host thread gets ready. */
  readonly firstState: number = RUN;
  /** Patched call sites find its context by a register of its own. */
  readonly usesGs: boolean;
  /** What the new host thread proves with who it is, where that matters. */
  readonly token: number = 0;
  owner: unknown = undefined;
  event: EventKind = 'interrupt';
  number = 0;
  /** Word of `state`. */
  readonly base: number;
  /** The raw event, as in abi.h. */
  entry = 0;
  /** False until the new host thread has reported. */
  started = false;
  /** `resume` was called before it had started. */
  resumeAtStart = false;
  /** Its space's control thread works for it, and wakes it then. */
  handedOver = false;
  /** Its host process is gone. */
  lost = false;
  /** How often it has been interrupted without an event that the kernel was told of, and when the last time, milliseconds. */
  calls = 0;
  calledAt = 0;
  /** Told when the vector registers have been saved. */
  onExtended: (() => void) | undefined;
  protected readonly shared: SharedMemory;
  readonly #words: Int32Array;
  #answer = 0;
  #spin = 0;
  #firstTid = 0;

  /** @param words where its registers are; its context in shared memory, unless the platform has another place for them */
  constructor(
    space: StubSpace,
    shared: SharedMemory,
    context: number,
    place: number,
    words: Int32Array = shared.words,
    base: number = shared.contextOffset(context) / 4,
  ) {
    this.space = space;
    this.context = context;
    this.place = place;
    this.address = abi.THREADS + place * abi.THREAD_SIZE;
    this.usesGs = space.platform.name === 'rewrite';
    this.shared = shared;
    this.#words = words;
    this.base = base;
    this.registers = this.makeRegisters(words, base);
  }

  protected makeRegisters(words: Int32Array, base: number): StubRegisters {
    return new StubRegisters(words, base);
  }

  /** How often it looks for the kernel's answer before it sleeps. */
  set spin(looks: number) {
    if (looks === this.#spin) return;
    this.#spin = looks;
    this.#words[this.base + abi.SPIN / 4] = looks;
  }

  get patched(): boolean {
    return this.entry === abi.EVENT_CALL;
  }

  /** It has reported for the first time, and no guest has run in it yet. */
  hasStarted(): void {
    this.started = true;
    this.#firstTid = this.tid;
    this.registers.changed = true;
  }

  /** Is what finds and wakes it as it was? A guest may have overwritten it, and so much is easily seen. */
  get intact(): boolean {
    const word = (offset: number): number => this.#words[this.base + offset / 4]!;
    return (
      word(abi.BELL) === this.context &&
      word(abi.SELF) === (this.address | 0) &&
      word(abi.SELF + 4) === Math.floor(this.address / HIGH) &&
      this.tid === this.#firstTid
    );
  }

  /** A new task begins where another has ended: all registers are zero, or nobody's business. */
  reuse(): void {
    this.owner = undefined;
    this.event = 'interrupt';
    for (let index = 0; index < PLACES.length; index++) this.registers.set(index, 0);
    this.setThreadPointer(0);
    this.#answer |= ANSWER_FRESH;
  }

  /** Has it an event? One look at one word. */
  get waiting(): boolean {
    if (this.lost) return true;
    const state = this.#words[this.base]!;
    return state === REQUEST || (state === ASLEEP && !this.handedOver);
  }

  /** Reads the event: every field once, since the guest may write them meanwhile. */
  take(): void {
    this.entry = this.#words[this.base + EVENT]!;
    if (this.lost) this.event = 'lost';
    else if (this.entry === abi.EVENT_CALL || this.entry === abi.EVENT_TRAP) this.#takeCall();
    else if (this.entry === abi.EVENT_FAULT) this.#takeFault();
    else this.event = 'interrupt';
  }

  #takeCall(): void {
    const words = this.#words;
    const { base, args } = this;
    this.event = 'syscall';
    this.number = words[base + RAX]!;
    for (let index = 0, at = base + ARGS; index < 6; index++, at += 2) {
      args[index] = words[at + 1]! * HIGH + (words[at]! >>> 0);
    }
  }

  #takeFault(): void {
    const words = this.#words;
    const { base, fault } = this;
    const error = words[base + abi.ERROR / 4]!;
    this.event = 'fault';
    fault.signal = words[base + abi.SIGNAL / 4]! & 63;
    fault.code = words[base + abi.CODE / 4]!;
    const at = base + abi.ADDRESS / 4;
    fault.address = words[at + 1]! * HIGH + (words[at]! >>> 0);
    fault.write = (error & 2) !== 0;
    fault.execute = (error & 16) !== 0;
  }

  setResult(value: number): void {
    const high = Math.floor(value / HIGH);
    this.#words[this.base + RAX] = value - high * HIGH;
    this.#words[this.base + RAX + 1] = high;
  }

  setThreadPointer(address: number): void {
    const at = this.base + abi.FS_BASE / 4;
    const high = Math.floor(address / HIGH);
    this.#words[at] = address - high * HIGH;
    this.#words[at + 1] = high;
    this.#answer |= ANSWER_TLS;
  }

  /**
   * Its host thread's id, in the sandbox's pid namespace. The guest may have changed it: it is used to signal a thread of
   * the same process, and nothing else.
   */
  get tid(): number {
    return this.#words[this.base + abi.TID / 4]!;
  }

  interrupt(): void {
    this.space.interrupt(this);
  }

  idle(): void {
    Atomics.compareExchange(this.#words, this.base + STATE, REQUEST, IDLE);
  }

  extendedState(): Promise<Buffer> | Buffer {
    return this.space.platform.extendedState(this);
  }

  /** The saved vector state in the handler's frame: undefined when it is still in the processor. */
  savedState(): Buffer | undefined {
    const at = this.base + abi.EXTENDED / 4;
    const low = this.#words[at]! >>> 0;
    const address = this.#words[at + 1]! * HIGH + low;
    const start = address - this.address;
    if (!(start >= 0x1000 && start <= abi.THREAD_SIZE - LEAST_STATE)) return undefined;
    const offset = this.shared.contextOffset(this.context);
    return this.shared.bytes.subarray(offset + start, offset + abi.THREAD_SIZE);
  }

  release(): void {
    this.space.threadEnded(this);
  }

  /** What the stub has to do besides setting the result: bits of ANSWER. */
  protected takeAnswer(): number {
    const answer = this.#answer | (this.registers.changed ? ANSWER_FULL : 0);
    this.registers.changed = false;
    this.#answer = 0;
    return answer;
  }

  /** Writes the kernel's answer. @returns the state before */
  protected publish(state: number, more: number): number {
    this.#words[this.base + EVENT] = this.takeAnswer() | more;
    return Atomics.exchange(this.#words, this.base + STATE, state);
  }

  /** Publishes the kernel's answer. */
  answer(state: number, more = 0): void {
    if (this.publish(state, more) === ASLEEP) this.wake();
  }

  /**
   * The answer is there, and the space's control thread works before the thread goes on. A thread that still looks for its answer
   * wakes the control thread and then sleeps; so this comes before there is a list to be found.
   * @returns whether it sleeps, and wakes nobody
   */
  leaveToControl(): boolean {
    this.handedOver = true;
    return this.publish(HANDOVER, 0) === ASLEEP;
  }

  /** Does it sleep until it is woken? */
  get asleep(): boolean {
    return Atomics.load(this.#words, this.base + STATE) === ASLEEP;
  }

  /** The value that its bell gets next. */
  nextRing(): number {
    return (this.#words[this.shared.bellOffset(this.context) / 4]! + 1) | 0;
  }

  wake(): void {
    const bell = this.shared.bellOffset(this.context) / 4;
    Atomics.add(this.#words, bell, 1);
    addon().futexWake(this.#words, bell);
  }

  get state(): number {
    return this.#words[this.base + STATE]!;
  }

  /** @returns false when it has an event after all */
  setParked(parked: boolean): boolean {
    const from = parked ? RUN : abi.PARKED;
    const before = Atomics.compareExchange(this.#words, this.base + STATE, from, parked ? abi.PARKED : RUN);
    return before !== REQUEST && before !== ASLEEP && before !== HANDOVER;
  }
}
