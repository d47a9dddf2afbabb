/** Values as the kernel reads them from a cgroup file. */
import { Refused } from './kernel.ts';

/** A number of bytes, rounded down to a page. @throws Refused (EINVAL) */
export function bytes(text: string, unlimited: string): number {
  if (text === unlimited) return Infinity;
  const match = /^(\d+)([kKmMgG]?)$/.exec(text);
  if (!match) throw new Refused('EINVAL', `"${text}" is no number of bytes`);
  const unit = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[(match[2] ?? '').toLowerCase()] ?? 1;
  return Math.floor((Number(match[1]) * unit) / 4096) * 4096;
}

/** A whole number in bounds, or the word for no limit. @throws Refused (EINVAL) */
export function whole(text: string, low: number, high: number, unlimited?: string): number {
  if (text === unlimited) return Infinity;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= low && value <= high)) {
    throw new Refused('EINVAL', `"${text}" is not a whole number from ${low} to ${high}`);
  }
  return value;
}
