/** How children end, what they used, what they may use. */
import { RESOURCES } from '../../../linux/resources.ts';
import type { UserMemory } from '../../memory/user-memory.ts';
import { counted } from '../names.ts';
import { late } from '../row.ts';
import { filled, given, pointer, reading } from '../values.ts';
import { signalText } from './signals.ts';
import { showTimeval } from './time.ts';

/** By the macros of wait(2). */
export function statusText(status: number): string {
  if (status === 0xffff) return 'WIFCONTINUED(s)';
  const low = status & 0x7f;
  const high = (status >> 8) & 0xff;
  if (low === 0x7f) return `WIFSTOPPED(s) && WSTOPSIG(s) == ${signalText(high)}`;
  if (low === 0) return `WIFEXITED(s) && WEXITSTATUS(s) == ${high}`;
  const core = status & 0x80 ? ' && WCOREDUMP(s)' : '';
  return `WIFSIGNALED(s) && WTERMSIG(s) == ${signalText(low)}${core}`;
}

/** Written only when there was a child. */
export const waitStatus = late((address, call) => {
  if (call.result! <= 0) return pointer(address, call);
  return reading(address, call, (memory) => `[{${statusText(memory.readI32(address))}}]`);
});

export const rusageOut = late((address, call) => {
  if (call.result! < 0) return pointer(address, call);
  return reading(address, call, (memory) => showRusage(memory, address));
});

function showRusage(memory: UserMemory, address: number): string {
  return `{ru_utime=${showTimeval(memory, address)}, ru_stime=${showTimeval(memory, address + 16)}, ...}`;
}

export const RESOURCE_NAMES = counted(...RESOURCES.map((name) => `RLIMIT_${name.toUpperCase()}`));

/** Multiples of 1024 are written as such. */
function limitText(memory: UserMemory, address: number): string {
  const value = memory.readI64(address);
  if (value === -1) return 'RLIM64_INFINITY';
  return value > 1024 && value % 1024 === 0 ? `${value / 1024}*1024` : `${value}`;
}

function showLimit(memory: UserMemory, address: number): string {
  return `{rlim_cur=${limitText(memory, address)}, rlim_max=${limitText(memory, address + 8)}}`;
}

export const limit = given(showLimit);
export const limitOut = filled(showLimit);
