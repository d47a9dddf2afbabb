/** A guest's address space: a stub process, changed by its control thread. */
import { addon } from '../linux/addon.ts';
import { SIGNALS } from '../linux/signals.ts';
import type { Commands } from './commands.ts';
import { Exhausted } from './exhausted.ts';
import { hostCall } from './host-calls.ts';
import type { AddressSpace, Protection } from './platform.ts';
import { SHARED_SIZE } from './shared-memory.ts';
import type { StubPlatform } from './stub-platform.ts';
import type { StubThread } from './stub-thread.ts';
import { addThread, type Zygote } from './zygote.ts';

const abi = addon().stub;
const MAP_SHARED_FIXED = 0x11;
const PROT_EXEC = 4;
const MOST_IDLE = 16;
/** Above all that a stub maps. */
const HIGHEST = 0x7fff_ffff_f000;

export class StubSpace implements AddressSpace {
  readonly lowest = abi.GUEST_LOWEST;
  readonly highest = abi.GUEST_HIGHEST;
  readonly platform: StubPlatform;
  readonly control: number;
  /** Its process, in the sandbox's pid namespace; 0 while that is not known. */
  pid = 0;
  readonly #commands: Commands;
  readonly #threads = new Map<number, StubThread>();
  /** Threads that nobody uses: the one that came with the process, and those whose tasks have ended. */
  readonly #idle: StubThread[] = [];
  /** Nobody runs in it any more: its process ends, or waits for the next one. */
  released = false;
  /** On whose behalf it has been made. */
  owner: string | undefined;
  #reusable = false;
  /** Its process is gone, or it does not do what it is told and is being killed. */
  lost = false;
  #asked = 0;
  #after: (() => void)[] = [];
  /** What is executable, where, and of which part of the memory file. */
  readonly #executable: { start: number; end: number; offset: number }[] = [];

  constructor(platform: StubPlatform, zygote: Zygote, control: number, context: number) {
    this.platform = platform;
    this.control = control;
    const thread = platform.makeThread(this, context, 0);
    this.#commands = zygote.fork(
      control,
      thread,
      (pid) => (this.pid = pid),
      () => !this.#isGone(),
    );
    this.#enter(thread);
    this.#idle.push(thread);
  }

  map(address: number, length: number, protection: Protection, offset: number): void {
    this.#forgetText(address, address + length);
    if (protection & PROT_EXEC) this.#executable.push({ start: address, end: address + length, offset });
    this.#add(
      hostCall.mmap,
      address,
      length,
      protection,
      MAP_SHARED_FIXED,
      abi.MEMORY_FD,
      SHARED_SIZE + offset,
    );
  }

  #forgetText(start: number, end: number): void {
    const text = this.#executable;
    for (let index = text.length; index-- > 0;) {
      if (text[index]!.start < end && start < text[index]!.end) text.splice(index, 1);
    }
  }

  /** The byte of the memory file that is executed at `address`; -1: not known. */
  textOffset(address: number): number {
    const range = this.#executable.find(({ start, end }) => start <= address && address < end);
    return range ? range.offset + address - range.start : -1;
  }

  protect(address: number, length: number, protection: Protection): void {
    this.#add(hostCall.mprotect, address, length, protection);
  }

  unmap(address: number, length: number): void {
    this.#forgetText(address, address + length);
    this.#add(hostCall.munmap, address, length);
  }

  newThread(): StubThread {
    const ready = this.#idle.pop();
    if (ready) {
      ready.reuse();
      return ready;
    }
    this.flush();
    const { shared } = this.platform;
    let context = shared.takeContext();
    if (context < 0 && this.platform.reap()) context = shared.takeContext();
    if (context < 0) throw new Exhausted('threads');
    let place = 0;
    while (this.#threads.has(place)) place++;
    const thread = this.platform.makeThread(this, context, place);
    this.#enter(thread);
    if (this.lost) thread.lost = true;
    else {
      addThread(this.#commands, shared, thread);
      this.#commands.publish();
      this.wakeControl();
    }
    return thread;
  }

  #enter(thread: StubThread): void {
    this.#threads.set(thread.place, thread);
    this.platform.watch(thread);
  }

  #add(number: number, a: number, b: number, c = 0, d = 0, e = 0, f = 0): void {
    if (this.released || !this.#finish()) return;
    if (this.#commands.full) this.flush();
    this.#commands.add(number, 0, a, b, c, d, e, f);
  }

  /** Blocks until the last list is done. @returns false when it never will be */
  #finish(): boolean {
    if (this.lost) return false;
    if (!this.#commands.succeeded()) this.lose();
    return !this.lost;
  }

  /** Are there changes that have not happened yet? */
  get pending(): boolean {
    return !this.lost && !this.#commands.empty;
  }

  get working(): boolean {
    return !this.lost && this.#commands.busy;
  }

  /** Blocks until all changes have happened. */
  flush(): void {
    if (!this.#finish() || this.#commands.empty) return;
    this.#commands.publish();
    this.wakeControl();
    this.#finish();
  }

  /** Lets the control thread carry out all changes and then let `thread` run, without another word from us. */
  handOver(thread: StubThread): void {
    const list = this.#commands;
    const { shared } = this.platform;
    const bell = shared.bellOffset(thread.context);
    list.add(hostCall.pwrite64, 0, abi.MEMORY_FD, list.word(abi.PARKED), 4, thread.base * 4 + abi.STATE);
    list.add(hostCall.pwrite64, 0, abi.MEMORY_FD, list.word(thread.nextRing()), 4, bell);
    list.add(hostCall.futex, 0, abi.BELLS + thread.context * 4, 1, 1);
    const slept = thread.leaveToControl();
    // The control thread may be awake, just done with the list before, and begins at once.
    list.publish();
    // If it fell asleep before there was a list, it has woken the control thread for nothing.
    if (slept || thread.asleep) this.wakeControl();
  }

  wakeControl(): void {
    addon().futexWake(this.platform.shared.words, this.#commands.sleepWord);
  }

  /**
   * Sends the thread our signal, by way of the control thread: nobody else may signal a guest. Which thread that is, the
   * guest may have forged: then it is another of the same process, or none.
   */
  interrupt(thread: StubThread): void {
    this.platform.expect(thread);
    if (this.released || !thread.started || !this.#finish()) return;
    if (this.pid === 0) this.platform.learnPids();
    this.#commands.add(hostCall.tgkill, abi.MAY_FAIL, this.pid, thread.tid, SIGNALS.SIGURG);
    this.#commands.publish();
    this.wakeControl();
  }

  /** The process has ended by itself, or must: nothing that was asked of it can be relied on. */
  lose(): void {
    if (this.lost) return;
    this.lost = true;
    this.platform.kill(this);
    for (const thread of this.#threads.values()) thread.lost = true;
    this.platform.settleLater(this);
  }

  /** Blocks until the zygote has looked. */
  #isGone(): boolean {
    return this.platform.isGone(this);
  }

  /** The host thread stays, asleep, until the process ends or needs one more. */
  threadEnded(thread: StubThread): void {
    const runs = this.platform.forget(thread);
    // One that was fetching its vector registers is still on its way.
    const rests = thread.started && !runs && !thread.onExtended;
    if (!this.released && rests && this.#idle.length < MOST_IDLE) this.#idle.push(thread);
  }

  afterChanges(done: () => void): void {
    this.#after.push(done);
    this.platform.settleLater(this);
  }

  /** Does what was to be done after changes, if they have happened. @returns whether nothing is left to do */
  settle(): boolean {
    const list = this.#commands;
    if (!this.lost && !list.busy && list.failed) this.lose();
    if (this.lost ? !this.#hasEnded() : list.busy || !list.empty) return false;
    const after = this.#after;
    this.#after = [];
    for (const done of after) done();
    if (this.released && !(this.#reusable && !this.lost && this.platform.keep(this))) this.#end();
    return true;
  }

  /** Only where all threads that it ever had are known to rest. */
  #isReusable(owner: string | undefined): boolean {
    if (this.lost || owner === undefined || owner !== this.owner || this.#threads.size !== 1) return false;
    return this.#idle.length === 1 && this.#idle[0]!.intact;
  }

  /** It has been kept, and is wanted again: empty, with one thread that rests. */
  revive(): void {
    this.released = false;
    this.#executable.length = 0;
  }

  /** Of a lost process: until it is gone, it may do anything with the memory that it has. */
  #hasEnded(): boolean {
    const now = performance.now();
    if (now - this.#asked < 1) return false;
    this.#asked = now;
    return this.#isGone();
  }

  /**
   * First the guest's memory goes, and with it all that its threads could still reach; then the process ends. Until the
   * first has happened, whatever else waits for it stays as it is: a thread may run although it says that it does not.
   */
  release(owner?: string): void {
    if (this.released) return;
    this.released = true;
    this.#reusable = this.#isReusable(owner);
    for (const thread of this.#threads.values()) this.platform.forget(thread);
    if (this.#finish()) {
      const end = this.#reusable ? abi.THREADS : HIGHEST;
      this.#commands.add(hostCall.munmap, 0, this.lowest, end - this.lowest);
      this.#commands.publish();
      this.wakeControl();
    }
    this.platform.settleLater(this);
  }

  #end(): void {
    if (!this.lost) {
      this.#commands.add(hostCall.exit_group, 0, 0);
      this.#commands.publish();
      this.wakeControl();
    }
    this.platform.gone(this);
  }

  /**
   * Its process is gone. Not before that are its control page and its threads' contexts and bells somebody else's: a thread that
   * sleeps until the end comes would be woken in another's place.
   */
  bury(): void {
    const { shared } = this.platform;
    for (const thread of this.#threads.values()) shared.giveContext(thread.context);
    this.#threads.clear();
    shared.giveControl(this.control);
  }
}
