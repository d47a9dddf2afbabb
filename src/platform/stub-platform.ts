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
import { StubSpace } from './stub-space.ts';
import type { StubThread } from './stub-thread.ts';
import { Zygote } from './zygote.ts';
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
/** How many ended processes are looked for in one go. */
const REAPED = 64;

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
  #parked: Promise<void> | undefined;

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
    this.#makeSpares();
  }

  /** The zygote runs, and has no children yet. */
  protected async begin(_zygote: Launched): Promise<void> {}

  /** @param context index of its context */
  abstract makeThread(space: StubSpace, context: number, place: number): StubThread;
  abstract resume(thread: Thread): void;
  abstract next(): StubThread | undefined;
  protected abstract sleep(ms: number): Promise<void>;

  protected get bell(): number {
    return this.shared.kernelBell / 4;
  }

  newAddressSpace(): StubSpace {
    this.settle();
    const space = this.#spare.shift() ?? this.#makeSpace();
    this.#makeSpares();
    return space;
  }

  #makeSpares(): void {
    while (this.#spare.length < SPARE) this.#spare.push(this.#makeSpace());
  }

  /** Something waits for this space's changes. */
  settleLater(space: StubSpace): void {
    this.unsettled.add(space);
  }

  protected settle(): void {
    for (const space of this.unsettled) if (space.settle()) this.unsettled.delete(space);
  }

  /** The space's process has been told to end. Its control page is free when it has. */
  gone(space: StubSpace): void {
    this.#ending.push(space);
  }

  /** Looks after processes that ended a while ago, many at a time: one look costs a round trip. */
  #reap(): void {
    const oldest = this.#ending.slice(0, REAPED);
    if (!this.zygote.areGone(oldest.map(({ pid }) => pid))) return;
    for (const { control } of this.#ending.splice(0, oldest.length)) this.shared.giveControl(control);
  }

  /** The ids of all processes are known after this. */
  learnPids(): void {
    this.zygote.finish();
  }

  #makeSpace(): StubSpace {
    if (this.shared.controlsLeft < REAPED / 2) this.#reap();
    const control = this.shared.takeControl();
    const context = this.shared.takeContext();
    if (control < 0 || context < 0) throw new Error('Too many processes: a sandbox has at most 1024.');
    return new StubSpace(this, this.zygote, control, context);
  }

  /** Its events are looked for from now on. */
  watch(thread: StubThread): void {
    this.quiet++;
    this.running.push(thread);
  }

  forget(thread: StubThread): void {
    const index = this.running.indexOf(thread);
    if (index < 0) return;
    this.running.splice(index, 1);
    if (!thread.started) this.quiet--;
  }

  /**
   * Looks at an event that has been taken.
   * @returns undefined when the kernel need not know of it
   */
  protected arrived(thread: StubThread): StubThread | undefined {
    if (thread.entry === abi.EVENT_START) {
      thread.started = true;
      this.quiet--;
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
      thread.answer(abi.RUN, ANSWER_EXTENDED | abi.ANSWER_FULL);
      this.running.push(thread);
    });
  }

  park(ms: number): Promise<void> {
    return (this.#parked ??= this.#park(ms).finally(() => (this.#parked = undefined)));
  }

  #park(ms: number): Promise<void> {
    this.settle();
    return this.sleep(ms);
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
    this.zygote.finish();
    const alive = new Map<StubSpace, boolean>();
    for (const thread of this.running) {
      const { space } = thread;
      if (!alive.has(space)) alive.set(space, !this.zygote.areGone([space.pid]));
      if (!alive.get(space)) thread.lost = true;
    }
  }

  async close(): Promise<void> {
    await this.process?.end();
    closeSync(this.#result);
    this.memory.close();
  }
}
