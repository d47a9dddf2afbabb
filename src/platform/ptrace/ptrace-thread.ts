/** A guest thread that we trace. While it is stopped, its registers are in a record of ours that no guest can write. */
import { addon, type Tracer } from '../../linux/addon.ts';
import { SIGNALS } from '../../linux/signals.ts';
import type { SharedMemory } from '../shared-memory.ts';
import type { StubSpace } from '../stub-space.ts';
import { StubThread } from '../stub-thread.ts';

const abi = addon().stub;
const { PARKED, REQUEST, ASLEEP, ANSWER_FRESH, ANSWER_TLS } = abi;
const ERROR = abi.ERROR / 4;

const { SIGBUS, SIGSEGV } = SIGNALS;

const REFUSED =
  'The host lets nobody trace a process: /proc/sys/kernel/yama/ptrace_scope is 3, or we are traced ourselves or in a container without ptrace.';

/** Words of a record. */
export const RECORD = 64;

/** An XSAVE area that says of every component: as after a reset (Intel SDM volume 1, 13.4); MXCSR is read all the same. */
function refresh(area: Buffer): void {
  area.writeUInt32LE(0x1f80, 24);
  if (area.length > 520) area.fill(0, 512, 520);
}

/** What a thread was like when a fault came. */
interface Fault {
  record: Int32Array;
  extended: Buffer;
}

export class PtraceThread extends StubThread {
  /** It rings when it is ready. */
  override readonly firstState = PARKED;
  attached = false;
  readonly #tracer: () => Tracer;
  readonly #records: Int32Array;
  #extended: Buffer | undefined;
  #fault: Fault | undefined;

  /** @param tracer there is none before the first thread of a sandbox has started */
  constructor(
    tracer: () => Tracer,
    records: Int32Array,
    space: StubSpace,
    shared: SharedMemory,
    context: number,
    place: number,
  ) {
    super(space, shared, context, place, records, context * RECORD);
    this.#tracer = tracer;
    this.#records = records;
    records.fill(0, this.base, this.base + RECORD);
  }

  /** Has the stub come to where guests begin? */
  get ready(): boolean {
    const state = this.shared.words[this.shared.contextOffset(this.context) / 4]!;
    return state === REQUEST || state === ASLEEP;
  }

  override get tid(): number {
    return this.shared.words[(this.shared.contextOffset(this.context) + abi.TID) / 4]!;
  }

  /** It is in the stub's handler, from which it will not return. */
  attach(tid: number): void {
    try {
      this.#tracer().seize(this.context, tid);
    } catch (cause) {
      throw new Error(REFUSED, { cause });
    }
    this.#tracer().unmask(this.context);
    this.attached = true;
  }

  /** Lets it run. */
  goOn(): void {
    const answer = this.takeAnswer();
    if (answer & ANSWER_FRESH) refresh(this.extendedState());
    if (this.#extended) this.#tracer().setExtended(this.context, this.#extended);
    this.#extended = undefined;
    this.#tracer().resume(this.context, 0, (answer & ANSWER_TLS) !== 0);
  }

  /**
   * It has stopped, and its record tells why.
   * @returns whether there is an event that the kernel must know
   */
  stopped(): boolean {
    const entry = this.#records[this.base + abi.EVENT / 4]!;
    if (entry === 0) this.lost = true;
    else if (this.#fault && entry === abi.EVENT_INTERRUPT) return this.#again();
    else if (this.#fault) this.#endFault(this.#fault);
    else if (entry === abi.EVENT_FAULT && this.#needsError) return this.#beginFault();
    this.take();
    return true;
  }

  get #needsError(): boolean {
    const signal = this.#records[this.base + abi.SIGNAL / 4]!;
    return signal === SIGSEGV || signal === SIGBUS;
  }

  #again(): false {
    this.#tracer().resume(this.context, 0, false);
    return false;
  }

  /**
   * What kind of access a fault was, only a signal frame tells: so the stub's handler gets the signal, and its first call stops
   * the thread again. Then all is as if it had not run.
   */
  #beginFault(): false {
    const record = this.#records.slice(this.base, this.base + RECORD);
    this.#fault = { record, extended: this.#tracer().extended(this.context) };
    this.#tracer().resume(this.context, record[abi.SIGNAL / 4]!, false);
    return false;
  }

  #endFault({ record, extended }: Fault): void {
    this.#fault = undefined;
    record[ERROR] = this.shared.words[this.shared.contextOffset(this.context) / 4 + ERROR]!;
    this.#records.set(record, this.base);
    this.#tracer().unmask(this.context);
    this.#extended ??= extended;
  }

  override interrupt(): void {
    if (this.attached) this.#tracer().interrupt(this.context);
  }

  override idle(): void {}

  override extendedState(): Buffer {
    return (this.#extended ??= this.#tracer().extended(this.context));
  }
}
