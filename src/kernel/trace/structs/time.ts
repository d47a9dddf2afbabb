/** struct timespec, timeval, itimerspec and itimerval. */
import type { UserMemory } from '../../memory/user-memory.ts';
import { filled, given } from '../values.ts';

type Show = (memory: UserMemory, address: number) => string;

const pair =
  (fraction: string): Show =>
  (memory, address) =>
    `{tv_sec=${memory.readI64(address)}, ${fraction}=${memory.readI64(address + 8)}}`;

export const showTimespec = pair('tv_nsec');
export const showTimeval = pair('tv_usec');

const interval =
  (show: Show): Show =>
  (memory, address) =>
    `{it_interval=${show(memory, address)}, it_value=${show(memory, address + 16)}}`;

export const timespec = given(showTimespec);
export const timespecOut = filled(showTimespec);
export const timeval = given(showTimeval);
export const timevalOut = filled(showTimeval);
export const itimerspec = given(interval(showTimespec));
export const itimerspecOut = filled(interval(showTimespec));
export const itimerval = given(interval(showTimeval));
export const itimervalOut = filled(interval(showTimeval));

const UTIME: ReadonlyMap<number, string> = new Map([
  [0x3fff_ffff, 'UTIME_NOW'],
  [0x3fff_fffe, 'UTIME_OMIT'],
]);

/** Of utimensat(2): two times, each of which may be a word. */
export const fileTimes = given((memory, address) => {
  const one = (at: number) => UTIME.get(memory.readI64(at + 8)) ?? showTimespec(memory, at);
  return `[${one(address)}, ${one(address + 16)}]`;
});

/** Of utimes(2): two times. */
export const fileTimevals = given(
  (memory, address) => `[${showTimeval(memory, address)}, ${showTimeval(memory, address + 16)}]`,
);
