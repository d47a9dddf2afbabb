/** Times as guests write them (struct timespec, struct timeval), and deadlines made of them. */
import { EINVAL } from '../../linux/errno.ts';
import { fail } from '../failure.ts';
import type { UserMemory } from '../memory/user-memory.ts';
import type { Task } from '../tasks/task.ts';
import { fromMilliseconds, toMilliseconds, type TimeSpec } from '../time/clock.ts';

/** Fails with EINVAL when it is negative or not normalised. */
export function readTimeSpec(memory: UserMemory, address: number): TimeSpec {
  const seconds = memory.readI64(address);
  const nanoseconds = memory.readI64(address + 8);
  if (seconds < 0 || nanoseconds < 0 || nanoseconds >= 1e9) fail(EINVAL);
  return { seconds, nanoseconds };
}

export function writeTimeSpec(memory: UserMemory, address: number, time: TimeSpec): void {
  memory.writeI64(address, time.seconds);
  memory.writeI64(address + 8, time.nanoseconds);
}

/** struct timeval, as setitimer(2) takes it. */
export function readTimeVal(memory: UserMemory, address: number): TimeSpec {
  const seconds = memory.readI64(address);
  const microseconds = memory.readI64(address + 8);
  if (seconds < 0 || microseconds < 0 || microseconds >= 1e6) fail(EINVAL);
  return { seconds, nanoseconds: microseconds * 1000 };
}

export function writeTimeVal(memory: UserMemory, address: number, time: TimeSpec): void {
  memory.writeI64(address, time.seconds);
  memory.writeI64(address + 8, Math.floor(time.nanoseconds / 1000));
}

/** The deadline `ms` from now; Infinity for none. */
export function deadlineAfter(task: Task, ms: number): number {
  return ms === Infinity ? Infinity : task.kernel.clock.monotonic() + ms;
}

/** A relative timeout in guest memory, milliseconds; Infinity when there is none. */
export function readTimeout(memory: UserMemory, address: number): number {
  if (address === 0) return Infinity;
  const { seconds, nanoseconds } = readTimeSpec(memory, address);
  return toMilliseconds(seconds, nanoseconds);
}

/** What is left until a deadline, never negative. */
export function timeLeft(task: Task, deadline: number): TimeSpec {
  return fromMilliseconds(Math.max(0, deadline - task.kernel.clock.monotonic()));
}
