/**
 * Passing signals on. Pid 1 of a pid namespace does not get a signal that it has no handler for
 * (pid_namespaces(7), "The namespace init process"), so what would have ended any other command is done for it.
 */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Child } from '../../confine/child.ts';

export const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/** Whether the process has a handler for the signal, ignores it or blocks it: anything but the default action. */
function deals(pid: number, signal: NodeJS.Signals): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const bit = BigInt(constants.signals[signal] - 1);
    return ['SigBlk', 'SigIgn', 'SigCgt'].some((field) => {
      const mask = new RegExp(`^${field}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0';
      return (BigInt(`0x${mask}`) >> bit) & 1n;
    });
  } catch {
    return true; // it is gone already
  }
}

export class SignalRelay {
  /** The signal that ended the command through us. */
  ended: NodeJS.Signals | undefined;
  readonly #child: Child;
  readonly #init: boolean;

  constructor(child: Child, init: boolean) {
    this.#child = child;
    this.#init = init;
  }

  /** The second request to end is not a polite one. */
  send(signal: NodeJS.Signals): void {
    const again = signal === this.ended;
    if (this.#init && !again) {
      this.#child.kill(signal);
      this.ended = signal;
    } else if (again || !deals(this.#child.pid, signal)) {
      this.ended = signal;
      this.#child.kill('SIGKILL');
    } else {
      this.#child.kill(signal);
    }
  }

  /** Forwards our own signals until the returned function is called. */
  listen(): () => void {
    const handlers = FORWARDED.map((signal) => {
      const handler = (): void => this.send(signal);
      process.on(signal, handler);
      return () => process.off(signal, handler);
    });
    return () => handlers.forEach((remove) => remove());
  }
}
