/** The timers of one process: those of setitimer(2) and those of timer_create(2). They end with it, and fork leaves them. */
import { EAGAIN } from '../../linux/errno.ts';
import { SI_TIMER } from '../../linux/siginfo.ts';
import { SIGNALS } from '../../linux/signals.ts';
import type { ThreadGroup } from '../tasks/thread-group.ts';
import { cpuSource, IntervalTimer, type TimeSource } from './interval-timer.ts';
import type { SignalDetails, SignalSink } from './signal-sink.ts';

/** How a timer of timer_create tells of its expirations (struct sigevent). */
export interface TimerNotice {
  /** Undefined: not at all (SIGEV_NONE). */
  sink?: SignalSink;
  signal: number;
  value: { low: number; high: number };
}

/** More timers a process does not get; Linux counts them against RLIMIT_SIGPENDING. */
const MOST = 1024;
/** DELAYTIMER_MAX. */
const MOST_OVERRUNS = 2 ** 31 - 1;

export class PosixTimer {
  readonly id: number;
  readonly clock: number;
  readonly timer: IntervalTimer;
  readonly #notice: TimerNotice;
  readonly #details: SignalDetails;
  /** Expirations since the signal was sent that is pending, and the same as of the signal delivered last. */
  #overruns = 0;
  lastOverrun = 0;

  constructor(id: number, clock: number, group: ThreadGroup, notice: TimerNotice, source?: TimeSource) {
    this.id = id;
    this.clock = clock;
    this.timer = new IntervalTimer(group.kernel, (count) => this.#expired(count), source);
    this.#notice = notice;
    this.#details = {
      code: SI_TIMER,
      value: notice.value,
      timer: { id, takeOverrun: () => this.#takeOverrun() },
    };
  }

  #expired(count: number): void {
    const sent = this.#notice.sink?.sendSignal(this.#notice.signal, this.#details);
    this.#overruns = sent ? count - 1 : Math.min(MOST_OVERRUNS, this.#overruns + count);
  }

  #takeOverrun(): number {
    this.lastOverrun = this.#overruns;
    this.#overruns = 0;
    return this.lastOverrun;
  }
}

const SIGNALS_OF_INTERVALS = [SIGNALS.SIGALRM, SIGNALS.SIGVTALRM, SIGNALS.SIGPROF] as const;

export class ProcessTimers {
  /** By ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF. */
  readonly intervals: readonly IntervalTimer[];
  readonly #group: ThreadGroup;
  readonly #posix = new Map<number, PosixTimer>();
  #nextId = 0;

  constructor(group: ThreadGroup) {
    this.#group = group;
    this.intervals = SIGNALS_OF_INTERVALS.map((signal, which) => {
      const source = which === 0 ? undefined : cpuSource(group);
      return new IntervalTimer(group.kernel, () => void group.sendSignal(signal), source);
    });
    group.atExec.add(() => this.deleteAll());
    group.atExit.add(() => {
      this.deleteAll();
      for (const timer of this.intervals) timer.stop();
    });
  }

  /** @param notice is given the timer's number, which is the value of a signal that has no other @returns -EAGAIN: too many */
  create(clock: number, notice: (id: number) => TimerNotice, source?: TimeSource): PosixTimer | number {
    if (this.#posix.size >= MOST) return -EAGAIN;
    const id = this.#nextId++;
    const timer = new PosixTimer(id, clock, this.#group, notice(id), source);
    this.#posix.set(id, timer);
    return timer;
  }

  get(id: number): PosixTimer | undefined {
    return this.#posix.get(id);
  }

  delete(timer: PosixTimer): void {
    timer.timer.stop();
    this.#posix.delete(timer.id);
  }

  deleteAll(): void {
    for (const timer of this.#posix.values()) this.delete(timer);
  }
}

const timersOf = new WeakMap<ThreadGroup, ProcessTimers>();

/** Few processes ever set a timer: those that do get their room for them here. */
export function processTimers(group: ThreadGroup): ProcessTimers {
  let timers = timersOf.get(group);
  if (!timers) timersOf.set(group, (timers = new ProcessTimers(group)));
  return timers;
}
