/**
 * The platform `notify`: a guest's call waits in the host's kernel, which tells us of it through a descriptor, until we have
 * answered (seccomp_unotify(2)). All other events of a guest (faults, interrupts) are in its context, as under `trap`, and
 * the ringing of the kernel's bell is such a call: so everything comes through the one descriptor.
 */
import { closeSync } from 'node:fs';
import { addon, type Listener } from '../../linux/addon.ts';
import { NOTIFYING } from '../filters.ts';
import { shareCore } from '../one-core.ts';
import type { Thread } from '../platform.ts';
import type { SandboxMemory } from '../sandbox-memory.ts';
import { StubPlatform, type Launch } from '../stub-platform.ts';
import type { StubSpace } from '../stub-space.ts';
import { isRing, NOTIFICATION_WORDS, pidOf, tokenOf } from './notification.ts';
import { NotifyThread } from './notify-thread.ts';

/** How long `next` waits before it gives up, milliseconds. */
const PATIENCE = 1;
/** After so many events, a power of two, other things get their turn. */
const EVENTS_PER_TURN = 256;
/** How long an interrupted guest may take to say so, milliseconds. */
const LONGEST_INTERRUPT = 2000;
const NO_LISTENER =
  'The host lets nobody listen to seccomp notifications: it is older than Linux 5.0, or somebody listens to us already (a container runtime may).';

export class NotifyPlatform extends StubPlatform {
  readonly text = undefined;
  readonly #notification = new Int32Array(NOTIFICATION_WORDS);
  readonly #freeCore = shareCore();
  #nexts = 0;
  /** Where the listener comes from, at the start. */
  #channel = -1;
  #listener: Listener | undefined;
  /** By their host threads' ids. */
  readonly #threads = new Map<number, NotifyThread>();
  /** Those that have not said who they are, by their tokens. */
  readonly #expected = new Map<number, NotifyThread>();
  /** Events that came while we waited for another. */
  readonly #early: NotifyThread[] = [];

  constructor(memory: SandboxMemory) {
    super('notify', memory, NOTIFYING);
  }

  /**
   * The zygote makes the listener, since a filter holds for whatever is cloned by those who have it, and sends it to us
   * through a socket. (To fetch it with pidfd_getfd(2) would take the right to trace the stub, which not every host gives.)
   */
  override async start(launch: Launch): Promise<void> {
    const [ours, theirs] = addon().socketPair();
    this.#channel = ours;
    try {
      await super.start((memory, result) => launch(memory, result, theirs));
    } finally {
      closeSync(ours);
      closeSync(theirs);
    }
  }

  protected override async begin(): Promise<void> {
    try {
      this.zygote.sendListener();
    } catch (cause) {
      throw new Error(NO_LISTENER, { cause });
    }
    const fd = addon().receiveDescriptor(this.#channel);
    this.#listener = addon().listen(fd, this.#notification, () => this.rung?.());
  }

  makeThread(space: StubSpace, context: number, place: number): NotifyThread {
    const thread = new NotifyThread(this, space, this.shared, context, place);
    this.#expected.set(thread.token, thread);
    return thread;
  }

  override forget(thread: NotifyThread): boolean {
    this.#expected.delete(thread.token);
    if (thread.space.released) this.#threads.delete(thread.hostTid);
    return super.forget(thread);
  }

  /** @returns false when the thread does not wait for it any more */
  answer(thread: NotifyThread, low: number, high: number): boolean {
    return this.#listener!.answer(thread.idLow, thread.idHigh, low, high);
  }

  resume(resumed: Thread): void {
    const thread = resumed as NotifyThread;
    if (!thread.started && !thread.lost) {
      thread.resumeAtStart = true;
      return;
    }
    thread.space.flush();
    if (!thread.lost) thread.goOn();
    this.running.push(thread);
  }

  next(): NotifyThread | undefined {
    if (this.unsettled.size > 0) this.settle();
    if ((++this.#nexts & (EVENTS_PER_TURN - 1)) === 0) this.attend();
    const early = this.#early.shift();
    if (early) return early;
    const patience = this.running.length > this.quiet ? PATIENCE : 0;
    while (this.#listener!.receive(patience)) {
      const thread = this.#take();
      if (thread) return thread;
    }
    return this.takeLost() as NotifyThread | undefined;
  }

  /** What the notification means. @returns a thread whose event the kernel must know */
  #take(): NotifyThread | undefined {
    const words = this.#notification;
    const thread = this.#sender();
    if (!thread) return undefined;
    thread.hold(words);
    if (!isRing(words)) {
      thread.begin(words);
      this.stop(thread);
      return thread;
    }
    if (!thread.rang()) return undefined;
    this.stop(thread);
    return this.arrived(thread) as NotifyThread | undefined;
  }

  /** Which thread has sent it. A new one rings once to tell. */
  #sender(): NotifyThread | undefined {
    const words = this.#notification;
    const known = this.#threads.get(pidOf(words));
    const thread = isRing(words) ? this.#expected.get(tokenOf(words)) : undefined;
    if (!thread || thread.space === known?.space) return known?.space.released ? undefined : known;
    this.#expected.delete(thread.token);
    this.#threads.set(pidOf(words), thread);
    thread.hostTid = pidOf(words);
    thread.hold(words);
    this.answer(thread, 0, 0);
    return undefined;
  }

  /**
   * Blocks until a thread's call has been withdrawn; other events are kept for later.
   * @returns false when it does not come
   */
  untilWithdrawn(thread: NotifyThread): boolean {
    const started = performance.now();
    while (thread.inCall) {
      if (performance.now() - started > LONGEST_INTERRUPT) return false;
      if (!this.#listener!.receive(PATIENCE)) continue;
      const other = this.#take();
      if (other) this.#early.push(other);
    }
    return true;
  }

  protected async sleep(ms: number): Promise<void> {
    if (this.#early.length > 0) return;
    await this.untilRung(ms, () => this.#listener!.watch(true));
    this.#listener!.watch(false);
  }

  protected override release(): Promise<void> {
    this.#listener?.close();
    this.#freeCore();
    return super.release();
  }
}
