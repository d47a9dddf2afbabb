/** How a guest ended, in words. */
import { signalName, SIGNALS } from '../../../linux/signals.ts';
import type { Guest } from '../../../sandbox/guest/run.ts';
import type { GuestSpec } from '../../../sandbox/guest/spec.ts';
import { mib } from '../units.ts';

export interface GuestOutcome {
  guest: Guest;
  spec: GuestSpec;
  /** As wait4(2) tells it. */
  status: number;
  /** From the request to the end, in milliseconds. */
  wallMs: number;
}

/** From a wait status, by the shell's convention: 128 and the signal's number (bash(1), EXIT STATUS). */
export function exitStatus(status: number): number {
  const signal = status & 0x7f;
  return signal ? 128 + signal : (status >> 8) & 0xff;
}

/** A process was killed for it, and the command ended as one that was killed. */
export function outOfMemory({ guest, status }: GuestOutcome): boolean {
  return guest.kernel.outOfMemory && exitStatus(status) === 128 + SIGNALS.SIGKILL;
}

/** What ended the command, if it did not simply exit. */
export function ending(outcome: GuestOutcome): string | undefined {
  const { guest, spec, status } = outcome;
  if (outOfMemory(outcome)) {
    const peak = guest.memoryPeak ? `, peak ${mib(guest.memoryPeak.peak)}` : '';
    const limit = spec.memory === undefined ? '' : ` (limit ${mib(spec.memory)}${peak})`;
    return `out of memory${limit}: give more with --memory`;
  }
  if (guest.timedOut) return `timed out after ${spec.timeout} s`;
  const { refused } = guest.kernel.pids;
  const forks = refused ? `${refused} forks refused by --pids ${guest.kernel.pids.most}` : undefined;
  const signal = status & 0x7f;
  if (signal) return [`ended by ${signalName(signal) ?? signal}`, forks].filter(Boolean).join('; ');
  return forks;
}
