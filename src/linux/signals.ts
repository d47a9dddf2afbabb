/** Signals by number as x86-64 and arm64 share them (include/uapi/asm-generic/signal.h; signal(7)). */
// prettier-ignore
export const SIGNALS = {
  SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGTRAP: 5, SIGABRT: 6, SIGBUS: 7, SIGFPE: 8, SIGKILL: 9, SIGUSR1: 10,
  SIGSEGV: 11, SIGUSR2: 12, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15, SIGSTKFLT: 16, SIGCHLD: 17, SIGCONT: 18,
  SIGSTOP: 19, SIGTSTP: 20, SIGTTIN: 21, SIGTTOU: 22, SIGURG: 23, SIGXCPU: 24, SIGXFSZ: 25, SIGVTALRM: 26,
  SIGPROF: 27, SIGWINCH: 28, SIGIO: 29, SIGPWR: 30, SIGSYS: 31,
} as const;

export type SignalName = keyof typeof SIGNALS;

const names = new Map<number, SignalName>(
  Object.entries(SIGNALS).map(([name, number]) => [number, name as SignalName]),
);

/** `SIGRT32` and up for the real-time signals, whose names in C depend on what the C library keeps for itself. */
export function signalName(number: number): string | undefined {
  if (number >= 32 && number <= 64) return `SIGRT${number}`;
  return names.get(number);
}

/** Understands `SIGTERM`, `TERM` and `15`. */
export function signalNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) <= 64 ? Number(text) : undefined;
  const upper = text.toUpperCase();
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  if (/^SIGRT\d\d$/.test(name)) return signalNumber(name.slice(5));
  return Object.hasOwn(SIGNALS, name) ? SIGNALS[name as SignalName] : undefined;
}
