/** How a guest ended, in words and in JSON. */
import { signalName } from '../../../linux/signals.ts';
import type { Guest } from '../../../sandbox/guest/run.ts';
import type { GuestSpec } from '../../../sandbox/guest/spec.ts';

/** From a wait status, by the shell's convention: 128 and the signal's number (bash(1), EXIT STATUS). */
export function exitStatus(status: number): number {
  const signal = status & 0x7f;
  return signal ? 128 + signal : (status >> 8) & 0xff;
}

/** What ended the command, if it did not simply exit. */
export function ending(guest: Guest, status: number, spec: GuestSpec): string | undefined {
  if (guest.timedOut) return `timed out after ${spec.timeout} s`;
  const { refused } = guest.kernel.pids;
  const forks = refused ? `${refused} forks refused by --pids ${spec.pids}` : undefined;
  const signal = status & 0x7f;
  if (signal) return [`ended by ${signalName(signal) ?? signal}`, forks].filter(Boolean).join('; ');
  return forks;
}
