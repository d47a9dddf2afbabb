/** The system call that a filter judges: struct seccomp_data (include/uapi/linux/seccomp.h), 64 bytes. */
export interface Call {
  nr: number;
  /** AUDIT_ARCH_*. */
  arch: number;
  instructionPointer?: bigint;
  /** Up to six, 64 bits each; those left out are 0. A filter sees pointers, never what they point to. */
  args?: readonly (bigint | number)[];
}

export const CALL_BYTES = 64;

/** As a little-endian machine lays it out, in words of 32 bits: all that a filter can load. */
export function callWords({ nr, arch, instructionPointer = 0n, args = [] }: Call): Uint32Array {
  const words = new Uint32Array(CALL_BYTES / 4);
  words[0] = nr;
  words[1] = arch;
  const long = (word: number, value: bigint) => {
    words[word] = Number(value & 0xffff_ffffn);
    words[word + 1] = Number((value >> 32n) & 0xffff_ffffn);
  };
  long(2, instructionPointer);
  for (let argument = 0; argument < 6; argument++) long(4 + 2 * argument, BigInt(args[argument] ?? 0));
  return words;
}

/** What a load from byte `offset` reads: `nr`, `arch`, `ip.low`, `args[1].high`. */
export function fieldName(offset: number): string | undefined {
  if (offset % 4 !== 0 || offset < 0 || offset >= CALL_BYTES) return undefined;
  if (offset === 0) return 'nr';
  if (offset === 4) return 'arch';
  const half = offset % 8 === 0 ? 'low' : 'high';
  return offset < 16 ? `ip.${half}` : `args[${(offset - 16) >> 3}].${half}`;
}
