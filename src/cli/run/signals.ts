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
  readonly #init: boolean;
  #child: Child | undefined;
  #early: NodeJS.Signals[] = [];

  constructor(init: boolean) {
    this.#init = init;
  }

  /** From now on signals have somebody to go to; those that came while it was started go first. */
  attach(child: Child): void {
    this.#child = child;
    for (const signal of this.#early) this.send(signal);
  }

  /** Behind an init the command is a process like any other, and the kernel does what it has not arranged for itself. */
  send(signal: NodeJS.Signals): void {
    const child = this.#child;
    if (!child) return void this.#early.push(signal);
    if (this.#init || deals(child.pid, signal)) return child.kill(signal);
    this.ended = signal;
    child.kill('SIGKILL');
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
