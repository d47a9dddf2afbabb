/** A list of system calls for a control thread, written into its page (native/stub: struct r3_control). */
import { addon } from '../linux/addon.ts';
import type { SharedMemory } from './shared-memory.ts';

const abi = addon().stub;

/** Room behind the commands for what they point to: filters, signal actions, words to be written. */
const DATA = 0x3000;
/** How often to look whether a list is done before sleeping. */
const LOOKS = 1000;
/** How long a list may take, milliseconds; and how long until it is asked whether anybody is still working at it. */
const PATIENCE = 15_000;
const DOUBT = 50;
const MOST_COMMANDS = Math.floor((DATA - abi.COMMANDS) / abi.COMMAND_SIZE);

export class Commands {
  readonly #shared: SharedMemory;
  /** Is the process still there? Asked when an answer is long in coming. */
  readonly #alive: () => boolean;
  readonly #base: number;
  readonly #ack: number;
  #sequence = 0;
  #count = 0;
  #data = DATA;
  /** Space for data that stays, such as filters. */
  #kept = DATA;

  /** @param control index of the control page */
  constructor(shared: SharedMemory, control: number, alive: () => boolean) {
    this.#shared = shared;
    this.#alive = alive;
    this.#base = shared.controlOffset(control);
    this.#ack = shared.ackOffset(control) / 4;
    shared.bytes.fill(0, this.#base, this.#base + abi.CONTROL_SIZE);
    shared.words[this.#ack] = 0;
    put(shared.words, (this.#base + abi.ACK_OFFSET) >> 2, this.#ack * 4);
    put(shared.words, (this.#base + abi.ACK_WORD) >> 2, abi.ACKS + control * 4);
  }

  /** Where the word is that a control thread sleeps on, as an index of `shared.words`. */
  get sleepWord(): number {
    return (this.#base + abi.SEQUENCE) / 4;
  }

  get full(): boolean {
    return this.#count >= MOST_COMMANDS - 4;
  }

  get empty(): boolean {
    return this.#count === 0;
  }

  /** Is the last list still being carried out? */
  get busy(): boolean {
    return (this.#shared.words[this.#ack]! & 0x7fff_ffff) !== this.#sequence;
  }

  get failed(): boolean {
    return this.#shared.words[this.#ack]! < 0;
  }

  add(number: number, flags: number, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0): void {
    const at = this.#base + abi.COMMANDS + this.#count * abi.COMMAND_SIZE;
    const { words } = this.#shared;
    words[at >> 2] = number;
    words[(at >> 2) + 1] = flags;
    let word = (at + abi.COMMAND_ARGS) >> 2;
    word = put(words, word, a);
    word = put(words, word, b);
    word = put(words, word, c);
    word = put(words, word, d);
    word = put(words, word, e);
    put(words, word, f);
    this.#count++;
  }

  /** Puts bytes behind the commands. @returns the address at which the control thread sees them */
  data(bytes: Uint8Array, kept = false): number {
    const at = this.#data;
    if (at + bytes.length > abi.CONTROL_SIZE) throw new RangeError('too much data for a control page');
    this.#shared.bytes.set(bytes, this.#base + at);
    this.#data += (bytes.length + 7) & ~7;
    if (kept) this.#kept = this.#data;
    return abi.CONTROL + at;
  }

  word(value: number): number {
    const at = this.#data;
    if (at + 8 > abi.CONTROL_SIZE) throw new RangeError('too much data for a control page');
    this.#shared.words[(this.#base + at) >> 2] = value;
    this.#data += 8;
    return abi.CONTROL + at;
  }

  setFilter(address: number): void {
    put(this.#shared.words, (this.#base + abi.FILTER) >> 2, address);
  }

  /** Hands the list over. Whoever called must see to it that the control thread wakes. Not while `busy`. */
  publish(): void {
    const { words } = this.#shared;
    this.#sequence = (this.#sequence + 1) & 0x7fff_ffff;
    words[(this.#base + abi.COUNT) >> 2] = this.#count;
    words[(this.#base + abi.ACK_DONE) >> 2] = this.#sequence;
    words[(this.#base + abi.ACK_FAILED) >> 2] = this.#sequence | 0x8000_0000;
    Atomics.store(words, this.sleepWord, this.#sequence);
    this.#count = 0;
    this.#data = this.#kept;
  }

  /** Blocks until the last list is done. @returns whether all of its calls succeeded; false too when nobody works at it */
  succeeded(): boolean {
    if (this.busy && !this.#wait()) return false;
    if (!this.failed) return true;
    this.#shared.words[this.#ack] = this.#sequence; // told once
    return false;
  }

  /** @returns false when the process is gone */
  #wait(): boolean {
    const { words } = this.#shared;
    for (let looks = 0; looks < LOOKS; looks++) if (!this.busy) return true;
    const started = performance.now();
    let doubted = started;
    while (this.busy) {
      addon().futexWait(words, this.#ack, words[this.#ack]!, 50);
      const now = performance.now();
      if (now - doubted < DOUBT) continue;
      if (now - started > PATIENCE || !this.#alive()) return !this.busy;
      doubted = now;
    }
    return true;
  }
}

/** Stores a double as 64 bits, two's complement. @returns the index of the next word */
function put(words: Int32Array, at: number, value: number): number {
  const high = Math.floor(value / 0x1_0000_0000);
  words[at] = value - high * 0x1_0000_0000;
  words[at + 1] = high;
  return at + 2;
}
