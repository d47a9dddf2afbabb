/**
 * What the four platforms have in common: guests in stubs, changed by their control threads. How a guest's system call comes to
 * us is left to those who extend this.
 */
import { closeSync } from 'node:fs';
import { addon } from '../linux/addon.ts';
import type { Platform, PlatformName, Thread } from './platform.ts';
import type { TextCache } from './rewrite/text-cache.ts';
import type { SandboxMemory } from './sandbox-memory.ts';
import type { SharedMemory } from './shared-memory.ts';
import { BrokenGuest } from './broken-guest.ts';
import { Exhausted } from './exhausted.ts';
import { StubSpace } from './stub-space.ts';
import type { StubThread } from './stub-thread.ts';
import { MOST_ASKED, Zygote } from './zygote.ts';
import type { Filters } from './filters.ts';

const abi = addon().stub;
const { ANSWER_EXTENDED } = abi;

/** The zygote's process. */
export interface Launched {
  /** Its id on the host. */
  readonly pid: number;
  end(): Promise<unknown>;
}

/**
 * Starts the zygote with the memory file as descriptor 0 and the result file as descriptor 1, in a session of its own.
 * @param channel becomes descriptor 2
 */
export type Launch = (memory: number, result: number, channel?: number) => Promise<Launched>;

/** Address spaces that are made before they are asked for, while guests run. */
const SPARE = 2;
/** Released ones that are kept: making one and ending one takes the host a millisecond. */
const MOST_KEPT = 4;
/** How many ended processes are looked for in one go. */
const REAPED = MOST_ASKED / 4;
/** After so many milliseconds it is seen to whether the guests' processes are all there. */
const LOOK_AFTER = 500;
/** An interrupted thread may have been just about to leave the stub: so it is interrupted again after so many milliseconds. */
const CALL_AGAIN = 50;
/** One that has been interrupted so often makes itself deaf. */
const MOST_CALLS = 60;

export abstract class StubPlatform implements Platform {
  readonly name: PlatformName;
  readonly memory: SandboxMemory;
  readonly shared: SharedMemory;
  /** Copies of text that may be patched; undefined: none ever is. */
  abstract readonly text: TextCache | undefined;
  /** Threads from which an event may come. */
  protected readonly running: StubThread[] = [];
  /** How many of those have not reported yet that they exist: no guest runs in them. */
  protected quiet = 0;
  protected readonly zygote: Zygote;
  protected readonly unsettled = new Set<StubSpace>();
  /** Ends a park. */
  protected rung: (() => void) | undefined;
  protected process: Launched | undefined;
  readonly #result = addon().sandboxMemory();
  /** Spaces whose processes may still be on their way out. */
  readonly #ending: StubSpace[] = [];
  readonly #spare: StubSpace[] = [];
  /** Spaces that were released and can be used again. */
  readonly #kept: StubSpace[] = [];
  /** Threads that have been interrupted, and may not have noticed. */
  readonly #called = new Set<StubThread>();
  #lookedAfter = performance.now();
  #parked: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  protected constructor(name: PlatformName, memory: SandboxMemory, filters: Filters) {
    this.name = name;
    this.memory = memory;
    this.shared = memory.shared;
    this.zygote = new Zygote(this.shared, this.#result, filters);
  }

  /** @throws Error when the stub cannot be started, or the platform cannot be had on this host */
  async start(launch: Launch): Promise<void> {
    this.process = await launch(this.memory.fd, this.#result);
    this.zygote.finish();
    await this.begin(this.process);
    this.#makeSpare();
  }

  /** The zygote runs, and has no children yet. */
  protected async begin(_zygote: Launched): Promise<void> {}

  /** Can a thread that rests in the stub begin a new program? */
  protected get reuses(): boolean {
    return false;
  }

  /** @param context index of its context */
  abstract makeThread(space: StubSpace, context: number, place: number): StubThread;
  abstract resume(thread: Thread): void;
  abstract next(): StubThread | undefined;
  protected abstract sleep(ms: number): Promise<void>;

  protected get bell(): number {
    return this.shared.kernelBell / 4;
  }

  newAddressSpace(owner?: string): StubSpace {
    this.settle();
    const kept = this.#kept.findIndex((space) => space.owner === owner);
    if (owner !== undefined && kept >= 0) {
      const [space] = this.#kept.splice(kept, 1);
      space!.revive();
      return space!;
    }
    const space = this.#spare.shift() ?? this.#makeSpace();
    space.owner = owner;
    return space;
  }

  /** Takes back an empty address space. @returns false when there are enough of them */
  keep(space: StubSpace): boolean {
    if (!this.reuses || this.#kept.length >= MOST_KEPT) return false;
    this.#kept.push(space);
    return true;
  }

  /** One at a time, when there is nothing else to do: whoever asks for a space should not wait for the next one. */
  #makeSpare(): void {
    if (this.#spare.length < SPARE && !this.zygote.busy) this.#spare.push(this.#makeSpace());
  }

  /** Something waits for this space's changes. */
  settleLater(space: StubSpace): void {
    this.unsettled.add(space);
  }

  protected settle(): void {
    for (const space of this.unsettled) if (space.settle()) this.unsettled.delete(space);
  }

  /** The space's process has been told to end. Its pages are free when it has. */
  gone(space: StubSpace): void {
    this.#ending.push(space);
  }

  /** Looks after processes that ended a while ago, many at a time: one look costs a round trip. @returns whether any is gone */
  reap(): boolean {
    const oldest = this.#ending.slice(0, REAPED);
    if (oldest.length === 0 || !this.zygote.areGone(oldest.map(({ pid }) => pid))) return false;
    for (const space of this.#ending.splice(0, oldest.length)) space.bury();
    return true;
  }

  /** The ids of all processes are known after this. */
  learnPids(): void {
    this.zygote.finish();
  }

  #makeSpace(): StubSpace {
    // The last few may be on their way out still.
    if (this.#ending.length >= REAPED * 2 || this.shared.controlsLeft < REAPED / 2) this.reap();
    const control = this.shared.takeControl();
    const context = this.shared.takeContext();
    if (control < 0 || context < 0) {
      if (control >= 0) this.shared.giveControl(control);
      if (context >= 0) this.shared.giveContext(context);
      throw new Exhausted('processes');
    }
    return new StubSpace(this, this.zygote, control, context);
  }

  /** Its events are looked for from now on. */
  watch(thread: StubThread): void {
    this.quiet++;
    this.running.push(thread);
  }

  /** @returns whether an event of it was still to come */
  forget(thread: StubThread): boolean {
    const index = this.running.indexOf(thread);
    if (index < 0) return false;
    this.running.splice(index, 1);
    if (!thread.started) this.quiet--;
    return true;
  }

  /** It has an event, and is not looked at before it runs again. */
  protected stop(thread: StubThread): void {
    const { running } = this;
    const index = running.indexOf(thread);
    if (index < 0) return;
    const last = running.pop()!;
    if (last !== thread) running[index] = last;
  }

  /** @returns a thread whose process is gone, if there is one that nobody knows of yet */
  protected takeLost(): StubThread | undefined {
    const thread = this.running.find(({ lost }) => lost);
    if (!thread) return undefined;
    thread.take();
    this.stop(thread);
    return this.arrived(thread);
  }

  /**
   * Looks at an event that has been taken.
   * @returns undefined when the kernel need not know of it
   */
  protected arrived(thread: StubThread): StubThread | undefined {
    if (thread.lost) return this.#lost(thread);
    if (!thread.started) {
      thread.hasStarted();
      this.quiet--;
      if (thread.resumeAtStart) this.resume(thread);
      return undefined;
    }
    if (thread.onExtended) {
      const tell = thread.onExtended;
      thread.onExtended = undefined;
      tell();
      return undefined;
    }
    // Only now: an event that the kernel never hears of is no answer to its interrupt.
    thread.calls = 0;
    return isEvent(thread.entry) ? thread : this.#lost(thread);
  }

  /** Its process is gone, or says what no stub says. */
  #lost(thread: StubThread): StubThread {
    if (!thread.started) this.quiet--;
    thread.started = true;
    thread.space.lose();
    thread.event = 'lost';
    return thread;
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
        else reject(new BrokenGuest());
      };
      thread.answer(abi.RUN, ANSWER_EXTENDED | abi.ANSWER_FULL);
      this.running.push(thread);
    });
  }

  park(ms: number): Promise<void> {
    return (this.#parked ??= this.#park(ms).finally(() => (this.#parked = undefined)));
  }

  async #park(ms: number): Promise<void> {
    this.settle();
    this.#makeSpare();
    await this.sleep(this.#called.size > 0 ? Math.min(ms, CALL_AGAIN) : ms);
    this.attend();
  }

  /** What must be done now and then, however busy the guests are. */
  protected attend(): void {
    const now = performance.now();
    if (this.#called.size > 0) this.#callAgain(now);
    if (now - this.#lookedAfter < LOOK_AFTER) return;
    this.lookAfter();
    this.#lookedAfter = performance.now();
  }

  /** The thread has been interrupted: an event of it is due. */
  expect(thread: StubThread): void {
    thread.calls++;
    thread.calledAt = performance.now();
    this.#called.add(thread);
  }

  #callAgain(now: number): void {
    for (const thread of this.#called) {
      const { space, calls, calledAt } = thread;
      if (calls === 0 || space.released || thread.lost) this.#called.delete(thread);
      else if (now - calledAt < CALL_AGAIN) continue;
      else if (calls > MOST_CALLS) space.lose();
      else space.interrupt(thread);
    }
  }

  kill(space: StubSpace): void {
    this.learnPids();
    this.zygote.kill(space.pid);
  }

  isGone(space: StubSpace): boolean {
    this.learnPids();
    return this.zygote.areGone([space.pid]);
  }

  unpark(): void {
    this.rung?.();
  }

  /** Waits until `rung` is called. @param watch lets it be called when there is an event */
  protected untilRung(ms: number, watch: () => void): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === Infinity ? undefined : setTimeout(() => this.rung?.(), ms);
      this.rung = () => {
        this.rung = undefined;
        clearTimeout(timer);
        resolve();
      };
      watch();
    });
  }

  /** A guest's process may have been killed by the host, or by what the guest did to its own stub. */
  protected lookAfter(): void {
    this.learnPids();
    const spaces = [...new Set([...this.running.map(({ space }) => space), ...this.unsettled])];
    for (let at = 0; at < spaces.length; at += MOST_ASKED) {
      const some = spaces.slice(at, at + MOST_ASKED);
      if (this.zygote.areAlive(some.map(({ pid }) => pid))) continue;
      for (const space of some) if (this.isGone(space)) space.lose();
    }
  }

  /** Nothing of it is left after this. May be called again. */
  close(): Promise<void> {
    return (this.#closed ??= this.release());
  }

  protected async release(): Promise<void> {
    await this.process?.end();
    closeSync(this.#result);
    this.memory.close();
  }
}

function isEvent(entry: number): boolean {
  return (
    entry === abi.EVENT_CALL ||
    entry === abi.EVENT_TRAP ||
    entry === abi.EVENT_FAULT ||
    entry === abi.EVENT_INTERRUPT
  );
}
