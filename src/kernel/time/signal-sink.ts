/** What pipes, terminals and timers ask of signals; tasks and thread groups implement it. */

/** siginfo_t as far as the sender fills it (sigaction(2)). */
export interface SignalDetails {
  /** si_code; SI_KERNEL where absent. */
  code?: number;
  /** si_value. */
  value?: { low: number; high: number };
  /** si_timerid and si_overrun: read when the signal is delivered. */
  timer?: { readonly id: number; takeOverrun(): number };
  /** SIGIO: si_fd and si_band. */
  fd?: number;
  band?: number;
}

export interface SignalSink {
  /**
   * Makes a signal pending; never waits, never throws. The same `details` object is not queued twice.
   *
   * @returns false when it was pending with these `details` already, so that a timer counts an overrun
   */
  sendSignal(signal: number, details?: SignalDetails): boolean;
}

/** A set of signals as two halves: bit N - 1 stands for signal N. */
export interface SignalSet {
  readonly low: number;
  readonly high: number;
}

export interface MaskedCalls {
  /**
   * Runs `call` with another signal mask, as ppoll(2), pselect(2) and epoll_pwait(2) do in one step. The old mask comes back when
   * it is done, or, when a signal has ended the wait, after the handler: the frame holds the old mask.
   */
  withSignalMask(mask: SignalSet, call: () => number | Promise<number>): number | Promise<number>;
}
