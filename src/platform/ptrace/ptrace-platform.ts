/**
 * The platform `ptrace`: guest threads are traced, and every call of theirs stops them before the host has looked at it
 * (ptrace(2), PTRACE_SYSEMU). Control threads are not.
 */
import { addon, type Tracer } from '../../linux/addon.ts';
import { TRAPPING } from '../filters.ts';
import { shareCore } from '../one-core.ts';
import type { Thread } from '../platform.ts';
import type { SandboxMemory } from '../sandbox-memory.ts';
import { StubPlatform, type Launched } from '../stub-platform.ts';
import type { StubSpace } from '../stub-space.ts';
import { HostProcesses } from './host-processes.ts';
import { PtraceThread, RECORD } from './ptrace-thread.ts';

const abi = addon().stub;

/** How long `next` waits before it gives up, milliseconds. */
const PATIENCE = 1;
/** After so many events, a power of two, other things get their turn. */
const EVENTS_PER_TURN = 256;
/** How long a new thread may take until guests can run in it, milliseconds. */
const LONGEST_START = 10_000;
/** Milliseconds. */
const REAP_EVERY = 2;

export class PtracePlatform extends StubPlatform {
  readonly text = undefined;
  readonly #freeCore = shareCore();
  readonly #records = new Int32Array(RECORD * abi.MOST_THREADS);
  /** By the indexes of their records. */
  readonly #threads: (PtraceThread | undefined)[] = [];
  #nexts = 0;
  #tracer: Tracer | undefined;
  #processes: HostProcesses | undefined;

  constructor(memory: SandboxMemory) {
    super('ptrace', memory, TRAPPING);
  }

  protected override async begin({ pid }: Launched): Promise<void> {
    this.#tracer = addon().trace(pid, this.#records, () => this.rung?.());
    this.#processes = new HostProcesses(pid);
  }

  makeThread(space: StubSpace, context: number, place: number): PtraceThread {
    const thread = new PtraceThread(() => this.#tracer!, this.#records, space, this.shared, context, place);
    this.#threads[context] = thread;
    return thread;
  }

  override forget(resumed: PtraceThread): boolean {
    const runs = super.forget(resumed);
    if (!resumed.space.released || this.#threads[resumed.context] !== resumed) return runs;
    this.#threads[resumed.context] = undefined;
    this.#processes?.forget(resumed.space.pid);
    if (resumed.attached) this.#tracer!.forget(resumed.context);
    return runs;
  }

  resume(resumed: Thread): void {
    const thread = resumed as PtraceThread;
    thread.space.flush();
    if (!thread.attached && !thread.lost && !this.#attach(thread)) thread.space.lose();
    if (!thread.lost) thread.goOn();
    this.running.push(thread);
  }

  /** @returns false when the thread cannot be found: its guest has killed it, or hidden it from itself */
  #attach(thread: PtraceThread): boolean {
    const started = performance.now();
    super.forget(thread);
    thread.started = true;
    while (!thread.ready) {
      const seen = this.shared.words[this.bell]!;
      if (thread.lost || performance.now() - started > LONGEST_START) return false;
      if (!thread.ready) addon().futexWait(this.shared.words, this.bell, seen, 1000);
    }
    this.learnPids();
    const processes = this.#processes!;
    const tid = processes.thread(processes.process(thread.space.pid), thread.tid);
    if (tid === 0) return false;
    thread.attach(tid);
    return true;
  }

  next(): PtraceThread | undefined {
    if (this.unsettled.size > 0) this.settle();
    if ((++this.#nexts & (EVENTS_PER_TURN - 1)) === 0) this.attend();
    const patience = this.running.length > this.quiet ? PATIENCE : 0;
    for (let index: number; (index = this.#tracer!.next(patience)) >= 0;) {
      const thread = this.#threads[index];
      if (!thread?.stopped()) continue;
      this.stop(thread);
      return this.arrived(thread) as PtraceThread | undefined;
    }
    return this.takeLost() as PtraceThread | undefined;
  }

  protected sleep(ms: number): Promise<void> {
    return this.untilRung(ms, () => this.#tracer!.watch());
  }

  /** A traced thread is not gone before its tracer has taken note of its end, and the zygote not before its children are. */
  protected override async release(): Promise<void> {
    const reaper = setInterval(() => this.#reap(), REAP_EVERY);
    await super.release().finally(() => clearInterval(reaper));
    this.#reap();
    this.#tracer?.close();
    this.#freeCore();
  }

  #reap(): void {
    while (this.#tracer && this.#tracer.next(0) >= 0);
  }
}
