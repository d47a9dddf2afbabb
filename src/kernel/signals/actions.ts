/** What a process does about each signal (sigaction(2); Linux: struct sighand_struct). */
import { SIGNALS } from '../../linux/signals.ts';
import { SignalSet } from './signal-set.ts';

export const SIG_DFL = 0;
export const SIG_IGN = 1;

export const SA_NOCLDSTOP = 0x1;
export const SA_NOCLDWAIT = 0x2;
export const SA_SIGINFO = 0x4;
export const SA_RESTORER = 0x0400_0000;
export const SA_ONSTACK = 0x0800_0000;
export const SA_RESTART = 0x1000_0000;
export const SA_NODEFER = 0x4000_0000;
export const SA_RESETHAND = 0x8000_0000 | 0;

export interface SignalAction {
  /** SIG_DFL, SIG_IGN or an address. */
  readonly handler: number;
  readonly flags: number;
  readonly restorer: number;
  readonly mask: SignalSet;
}

export type Disposition = 'terminate' | 'core' | 'ignore' | 'stop' | 'continue';

export const DEFAULT_ACTION: SignalAction = {
  handler: SIG_DFL,
  flags: 0,
  restorer: 0,
  mask: new SignalSet(),
};

const CORE = SignalSet.of(
  SIGNALS.SIGQUIT,
  SIGNALS.SIGILL,
  SIGNALS.SIGTRAP,
  SIGNALS.SIGABRT,
  SIGNALS.SIGBUS,
  SIGNALS.SIGFPE,
  SIGNALS.SIGSEGV,
  SIGNALS.SIGXCPU,
  SIGNALS.SIGXFSZ,
  SIGNALS.SIGSYS,
);
const IGNORED = SignalSet.of(SIGNALS.SIGCHLD, SIGNALS.SIGURG, SIGNALS.SIGWINCH);

export const STOP_SIGNALS = SignalSet.of(SIGNALS.SIGSTOP, SIGNALS.SIGTSTP, SIGNALS.SIGTTIN, SIGNALS.SIGTTOU);
export const CONTINUE_SIGNAL = SignalSet.of(SIGNALS.SIGCONT);
/** They cannot be caught, blocked or ignored. */
export const UNCATCHABLE = SignalSet.of(SIGNALS.SIGKILL, SIGNALS.SIGSTOP);

/** The table in signal(7), "Standard signals". */
export function defaultDisposition(signal: number): Disposition {
  if (signal === SIGNALS.SIGCONT) return 'continue';
  if (STOP_SIGNALS.has(signal)) return 'stop';
  if (IGNORED.has(signal)) return 'ignore';
  return CORE.has(signal) ? 'core' : 'terminate';
}

export class SignalActions {
  #actions: SignalAction[];

  constructor(from?: SignalActions) {
    this.#actions = from ? [...from.#actions] : Array.from({ length: 65 }, () => DEFAULT_ACTION);
  }

  get(signal: number): SignalAction {
    return this.#actions[signal]!;
  }

  set(signal: number, action: SignalAction): void {
    this.#actions[signal] = action;
  }

  /** Is the signal dropped when it is not blocked? */
  ignores(signal: number): boolean {
    const { handler } = this.get(signal);
    if (handler === SIG_IGN) return true;
    if (handler !== SIG_DFL) return false;
    const disposition = defaultDisposition(signal);
    return disposition === 'ignore' || disposition === 'continue';
  }

  /** execve(2): what was caught is back to its default, what was ignored stays so. */
  afterExec(): SignalActions {
    const fresh = new SignalActions(this);
    fresh.resetCaught();
    return fresh;
  }

  /** clone(2) with CLONE_CLEAR_SIGHAND does this too. */
  resetCaught(): void {
    this.#actions = this.#actions.map((action) =>
      action.handler === SIG_IGN ? { ...DEFAULT_ACTION, handler: SIG_IGN } : DEFAULT_ACTION,
    );
  }
}
