/** Numbers and layouts of 64-bit ELF files (elf(5)). */
import type { Architecture } from './architectures.ts';

/** `\x7fELF`, 64 bits, little-endian, version 1. */
export const IDENT = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);

export const ET_EXEC = 2;
export const ET_DYN = 3;

export const PT_LOAD = 1;
export const PT_INTERP = 3;
export const PT_PHDR = 6;
export const PT_GNU_STACK = 0x6474_e551;

export const PF_X = 1;
export const PF_W = 2;
export const PF_R = 4;

export const MACHINES: Readonly<Record<Architecture, number>> = { 'x86-64': 62, arm64: 183 };

export const EHDR_SIZE = 64;
export const PHDR_SIZE = 56;

/** Offsets in Elf64_Ehdr. */
export const EHDR = { type: 16, machine: 18, entry: 24, phoff: 32, phentsize: 54, phnum: 56 } as const;

/** Offsets in Elf64_Phdr. */
export const PHDR = {
  type: 0,
  flags: 4,
  offset: 8,
  vaddr: 16,
  filesz: 32,
  memsz: 40,
  align: 48,
} as const;
