/** What `trap` and `rewrite` have in common: guests in stubs, and events that come through shared memory. */
import { addon, type Doorbell } from '../linux/addon.ts';
import { SIGNALS } from '../linux/signals.ts';
import type { Platform, PlatformName, Thread } from './platform.ts';
import { Sites } from './rewrite/sites.ts';
import { TextCache } from './rewrite/text-cache.ts';
import type { SandboxMemory } from './sandbox-memory.ts';
import type { SharedMemory } from './shared-memory.ts';
import { StubSpace } from './stub-space.ts';
import type { StubThread } from './stub-thread.ts';
import { Zygote } from './zygote.ts';

const abi = addon().stub;
const { RUN, HANDOVER, ANSWER_EXTENDED } = abi;

/** Starts the zygote with the memory file as descriptor 0 and the result file as descriptor 1. */
export type Launch = (memory: number, result: number) => Promise<{ end(): Promise<unknown> }>;

/** How long, in looks of about 1.5 ns, the kernel looks for an event before it sleeps: twice what a wake takes. */
const LOOKS = 60_000;
const GUEST_LOOKS = 100_000;
/** The same where several guests want the cores. */
const GUEST_LOOKS_SHARED = 20_000;
/** Address spaces that are made before they are asked for, while guests run. */
const SPARE = 2;
/** How long the kernel sleeps on its bell before it gives the thread back to Node, microseconds. */
const NAP = 1000;
/** How many ended processes are looked for in one go. */
const REAPED = 64;
/** After so many milliseconds without an event, the guests' processes are looked after. */
const LOOK_AFTER = 500;

export class StubPlatform implements Platform {
  readonly name: PlatformName;
  readonly memory: SandboxMemory;
  readonly shared: SharedMemory;
  /** Guests and kernel have cores of their own, so that it pays to look for an answer instead of sleeping. */
  readonly #several: boolean;
  readonly #looks: number;
  readonly #zygote: Zygote;
  /** Copies of text that may be patched; undefined: every call traps. */
  readonly text: TextCache | undefined;
  readonly #sites: Sites | undefined;
  /** Threads from which an event may come. */
  readonly #running: StubThread[] = [];
  /** How many of those have not reported yet that they exist: no guest runs in them. */
  #quiet = 0;
  #parked: Promise<void> | undefined;
  readonly #unsettled = new Set<StubSpace>();
  /** Spaces whose processes may still be on their way out. */
  readonly #ending: StubSpace[] = [];
  readonly #spare: StubSpace[] = [];
  readonly #doorbell: Doorbell;
  #rung: (() => void) | undefined;
  #process: { end(): Promise<unknown> } | undefined;

  private constructor(name: PlatformName, memory: SandboxMemory, result: number) {
    this.name = name;
    this.memory = memory;
    this.shared = memory.shared;
    this.#several = addon().cores().length > 1;
    this.#looks = this.#several ? LOOKS : 1;
    if (name === 'rewrite') {
      this.text = new TextCache(memory);
      this.#sites = new Sites(this.shared);
    }
    this.#zygote = new Zygote(this.shared, result);
    this.#doorbell = new (addon().Doorbell)(this.shared.words, this.#bell, () => this.#rung?.());
  }

  static async start(name: PlatformName, memory: SandboxMemory, launch: Launch): Promise<StubPlatform> {
    const result = addon().sandboxMemory();
    const platform = new StubPlatform(name, memory, result);
    platform.#process = await launch(memory.fd, result);
    platform.#zygote.finish();
    platform.#makeSpares();
    return platform;
  }

  get #bell(): number {
    return this.shared.kernelBell / 4;
  }

  newAddressSpace(): StubSpace {
    this.#settle();
    const space = this.#spare.shift() ?? this.#makeSpace();
    this.#makeSpares();
    return space;
  }

  #makeSpares(): void {
    while (this.#spare.length < SPARE) this.#spare.push(this.#makeSpace());
  }

  /** Something waits for this space's changes. */
  settleLater(space: StubSpace): void {
    this.#unsettled.add(space);
  }

  #settle(): void {
    for (const space of this.#unsettled) if (space.settle()) this.#unsettled.delete(space);
  }

  /** The space's process has been told to end. Its control page is free when it has. */
  gone(space: StubSpace): void {
    this.#ending.push(space);
  }

  /** Looks after processes that ended a while ago, many at a time: one look costs a round trip. */
  #reap(): void {
    const oldest = this.#ending.slice(0, REAPED);
    if (!this.#zygote.areGone(oldest.map(({ pid }) => pid))) return;
    for (const { control } of this.#ending.splice(0, oldest.length)) this.shared.giveControl(control);
  }

  /** The ids of all processes are known after this. */
  learnPids(): void {
    this.#zygote.finish();
  }

  #makeSpace(): StubSpace {
    if (this.shared.controlsLeft < REAPED / 2) this.#reap();
    const control = this.shared.takeControl();
    const context = this.shared.takeContext();
    if (control < 0 || context < 0) throw new Error('Too many processes: a sandbox has at most 1024.');
    return new StubSpace(this, this.#zygote, control, context);
  }

  /** Its events are looked for from now on. */
  watch(thread: StubThread): void {
    this.#quiet++;
    this.#running.push(thread);
  }

  forget(thread: StubThread): void {
    const index = this.#running.indexOf(thread);
    if (index < 0) return;
    this.#running.splice(index, 1);
    if (!thread.started) this.#quiet--;
  }

  resume(resumed: Thread): void {
    const thread = resumed as StubThread;
    if (this.#sites && (thread.registers.changed || thread.entry !== abi.EVENT_CALL)) {
      const { pc } = thread.registers;
      const at = this.#sites.resumeAt(pc);
      if (at !== pc) thread.registers.pc = at;
    }
    if (!thread.started) {
      thread.resumeAtStart = true;
      return;
    }
    thread.spin = this.#guestLooks();
    const { space } = thread;
    if (space.pending) {
      thread.handedOver = true;
      space.handOver(thread);
      thread.answer(HANDOVER);
    } else {
      if (space.working) space.flush();
      thread.answer(RUN);
    }
    this.#running.push(thread);
  }

  #guestLooks(): number {
    if (!this.#several) return 0;
    return this.#running.length > this.#quiet ? GUEST_LOOKS_SHARED : GUEST_LOOKS;
  }

  next(): StubThread | undefined {
    if (this.#unsettled.size > 0) this.#settle();
    if (this.#running.length === this.#quiet) return this.#look(1);
    return this.#look(this.#looks);
  }

  #look(times: number): StubThread | undefined {
    const running = this.#running;
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
    const running = this.#running;
    const last = running.pop()!;
    if (last !== thread) running[index] = last;
    thread.take();
    if (thread.entry !== abi.EVENT_CALL && this.#sites && this.#patched(thread, this.#sites))
      return undefined;
    if (thread.entry === abi.EVENT_START) {
      thread.started = true;
      this.#quiet--;
      thread.registers.changed = true;
      if (thread.resumeAtStart) this.resume(thread);
      return undefined;
    }
    if (thread.onExtended) {
      const tell = thread.onExtended;
      thread.onExtended = undefined;
      tell();
      return undefined;
    }
    return thread;
  }

  /**
   * What a patched site makes of an event: a trap may patch one, a fault may come from one.
   * @returns true when the thread runs again, and the kernel need not know
   */
  #patched(thread: StubThread, sites: Sites): boolean {
    const { pc } = thread.registers;
    if (thread.entry === abi.EVENT_TRAP) {
      const offset = thread.space.textOffset(pc - 2);
      const text = offset < 0 ? undefined : this.text!.at(offset, pc - 2);
      if (text) sites.patch(text, pc, thread.number);
    } else if (thread.entry === abi.EVENT_FAULT) {
      if (thread.fault.signal === SIGNALS.SIGILL && sites.isCall(pc)) thread.becomeCall(pc + 2);
      else if (sites.isSite(pc)) {
        thread.answer(RUN);
        this.#running.push(thread);
        return true;
      }
    }
    return false;
  }

  /** @see Thread.extendedState */
  extendedState(thread: StubThread): Promise<Buffer> | Buffer {
    const saved = thread.savedState();
    if (saved) return saved;
    const { event, number } = thread;
    return new Promise((resolve, reject) => {
      thread.onExtended = () => {
        thread.event = event;
        thread.number = number;
        const state = thread.savedState();
        if (state) resolve(state);
        else reject(new Error('A guest has overwritten its context.'));
      };
      thread.answer(RUN, ANSWER_EXTENDED | abi.ANSWER_FULL);
      this.#running.push(thread);
    });
  }

  park(ms: number): Promise<void> {
    return (this.#parked ??= this.#park(ms).finally(() => (this.#parked = undefined)));
  }

  unpark(): void {
    this.#rung?.();
  }

  async #park(ms: number): Promise<void> {
    this.#settle();
    const { words } = this.shared;
    const seen = words[this.#bell]!;
    if (this.#setParked()) {
      if (this.#running.length > this.#quiet && ms >= NAP / 1000)
        addon().futexWait(words, this.#bell, seen, NAP);
      if (words[this.#bell] === seen) {
        await this.#sleep(seen, ms);
        if (words[this.#bell] === seen && ms >= LOOK_AFTER) this.#lookAfter();
      }
    } else await new Promise((resolve) => setImmediate(resolve));
    for (const thread of this.#running) thread.setParked(false);
  }

  /** Asks all guests to ring. @returns false when one has an event already */
  #setParked(): boolean {
    let quiet = true;
    for (const thread of this.#running) {
      if (thread.handedOver ? thread.space.working : !thread.setParked(true)) quiet = false;
    }
    return quiet;
  }

  /** A guest's process may have been killed by the host, or by what the guest did to its own stub. */
  #lookAfter(): void {
    this.#zygote.finish();
    const alive = new Map<StubSpace, boolean>();
    for (const thread of [...this.#running]) {
      const { space } = thread;
      if (!alive.has(space)) alive.set(space, !this.#zygote.areGone([space.pid]));
      if (!alive.get(space)) thread.lost = true;
    }
  }

  #sleep(seen: number, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === Infinity ? undefined : setTimeout(() => this.#rung?.(), ms);
      this.#rung = () => {
        this.#rung = undefined;
        clearTimeout(timer);
        resolve();
      };
      this.#doorbell.watch(seen);
    });
  }

  async close(): Promise<void> {
    this.#doorbell.close();
    await this.#process?.end();
    this.memory.close();
  }
}
