/**
 * What a filter can answer: the upper 16 bits of its return value, with 16 bits of data below (seccomp(2), "Filters").
 * When several filters are loaded, all run, and the lowest number read as signed wins: KILL_PROCESS is negative.
 */
import { errnoName } from '../../linux/errno.ts';

/** SECCOMP_RET_* of include/uapi/linux/seccomp.h; libseccomp's SCMP_ACT_* are the same numbers. */
const VALUES = {
  KILL_PROCESS: 0x8000_0000,
  KILL_THREAD: 0x0000_0000,
  TRAP: 0x0003_0000,
  ERRNO: 0x0005_0000,
  NOTIFY: 0x7fc0_0000,
  TRACE: 0x7ff0_0000,
  LOG: 0x7ffc_0000,
  ALLOW: 0x7fff_0000,
} as const;

export type ActionName = keyof typeof VALUES;
export const ACTION_NAMES = Object.keys(VALUES) as [ActionName, ...ActionName[]];

export type Action =
  | { name: Exclude<ActionName, 'ERRNO' | 'TRACE'> }
  /** `data`: the errno that the caller sees, at most 4095. */
  | { name: 'ERRNO'; data: number }
  /** `data`: what PTRACE_GETEVENTMSG tells the tracer. */
  | { name: 'TRACE'; data: number };

export const ALLOW: Action = { name: 'ALLOW' };
export const KILL_PROCESS: Action = { name: 'KILL_PROCESS' };

export function errno(data: number): Action {
  return { name: 'ERRNO', data };
}

/** The 32 bits that a filter returns for an action. @throws RangeError when its data does not fit. */
export function actionValue(action: Action): number {
  const data = 'data' in action ? action.data : 0;
  const most = action.name === 'ERRNO' ? 4095 : 0xffff;
  if (!Number.isInteger(data) || data < 0 || data > most) {
    throw new RangeError(`${action.name} carries a number from 0 to ${most}, not ${data}`);
  }
  return (VALUES[action.name] | data) >>> 0;
}

/**
 * What the kernel makes of a filter's return value: it reads the upper half, caps an errno at 4095, and takes every
 * value that it does not know for KILL_PROCESS (__seccomp_filter, kernel/seccomp.c).
 */
export function actionOf(value: number): Action {
  const upper = (value & 0xffff_0000) >>> 0;
  const data = value & 0xffff;
  const name = ACTION_NAMES.find((one) => VALUES[one] === upper) ?? 'KILL_PROCESS';
  if (name === 'ERRNO') return { name, data: Math.min(data, 4095) };
  return name === 'TRACE' ? { name, data } : { name };
}

export function sameAction(one: Action, other: Action): boolean {
  return actionValue(one) === actionValue(other);
}

/** `ALLOW`, `ERRNO(EPERM)`, `TRACE(7)`. */
export function printAction(action: Action): string {
  if (action.name === 'ERRNO') return `ERRNO(${errnoName(action.data) ?? action.data})`;
  return action.name === 'TRACE' ? `TRACE(${action.data})` : action.name;
}
