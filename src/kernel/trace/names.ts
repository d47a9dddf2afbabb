/** Numbers as the names that programs write for them. */
import type { Decode } from './row.ts';

export type Names = readonly (readonly [value: number, name: string])[];

/** The constants of a module of src/linux that begin so, by value. */
export function named(
  constants: Readonly<Record<string, unknown>>,
  prefix: string,
  ...without: string[]
): Names {
  const entries = Object.entries(constants).filter(
    (entry): entry is [string, number] =>
      entry[0].startsWith(prefix) && typeof entry[1] === 'number' && !without.includes(entry[0]),
  );
  return entries.map(([name, value]) => [value >>> 0, name] as const).sort(([a], [b]) => a - b);
}

/** Names for 0, 1, 2 and so on. */
export function counted(...names: string[]): Names {
  return names.map((name, value) => [value, name] as const);
}

export function hex(value: number): string {
  if (value === 0) return '0';
  return `0x${value < 0 ? BigInt.asUintN(64, BigInt(value)).toString(16) : value.toString(16)}`;
}

export function nameOf(names: Names, value: number): string {
  return names.find(([number]) => number === value)?.[1] ?? hex(value);
}

const bitsOf = (value: number): number => value.toString(2).replaceAll('0', '').length;

/** `A|B|0x40`, in the order of the names; of those that share bits the one with the most. */
export function bitNames(names: Names, value: number, zero?: string): string {
  let left = value >>> 0;
  if (left === 0) return zero ?? names.find(([number]) => number === 0)?.[1] ?? '0';
  const found = new Set<string>();
  for (const [bits, name] of [...names].sort(([a], [b]) => bitsOf(b) - bitsOf(a))) {
    if (bits === 0 || (left & bits) >>> 0 !== bits) continue;
    found.add(name);
    left = (left & ~bits) >>> 0;
  }
  const texts = names.map(([, name]) => name).filter((name) => found.has(name));
  if (left !== 0) texts.push(hex(left));
  return texts.join('|');
}

/** An argument that is one of several. */
export function oneOf(names: Names): Decode {
  return (value) => nameOf(names, value | 0);
}

/** An argument of bits. */
export function flags(names: Names, zero?: string): Decode {
  return (value) => bitNames(names, value, zero);
}
