/** Names and numbers of system calls. One table an architecture: they share names, and few numbers. */
import type { Architecture } from './architectures.ts';
import { SYSCALLS_ARM64 } from './syscalls-arm64.ts';
import { SYSCALLS_X86_64 } from './syscalls-x86-64.ts';

export const SYSCALLS: Readonly<Record<Architecture, Readonly<Record<string, number>>>> = {
  'x86-64': SYSCALLS_X86_64,
  arm64: SYSCALLS_ARM64,
};

function invert(table: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(table).map(([name, number]) => [number, name]));
}

const names: Partial<Record<Architecture, ReadonlyMap<number, string>>> = {};

export function syscallNumber(architecture: Architecture, name: string): number | undefined {
  const table = SYSCALLS[architecture];
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

export function syscallName(architecture: Architecture, number: number): string | undefined {
  return (names[architecture] ??= invert(SYSCALLS[architecture])).get(number);
}
