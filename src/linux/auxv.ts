/** The auxiliary vector: pairs of a type and a value that exec gives to a program (getauxval(3)). */
// prettier-ignore
export const AT = {
  AT_NULL: 0, AT_PHDR: 3, AT_PHENT: 4, AT_PHNUM: 5, AT_PAGESZ: 6, AT_BASE: 7, AT_FLAGS: 8, AT_ENTRY: 9,
  AT_UID: 11, AT_EUID: 12, AT_GID: 13, AT_EGID: 14, AT_PLATFORM: 15, AT_HWCAP: 16, AT_CLKTCK: 17, AT_SECURE: 23,
  AT_RANDOM: 25, AT_HWCAP2: 26, AT_EXECFN: 31, AT_SYSINFO_EHDR: 33, AT_MINSIGSTKSZ: 51,
} as const;

/** Of types whose value is a plain number, from `/proc/self/auxv`. */
export function parseAuxv(bytes: Buffer): Map<number, number> {
  const values = new Map<number, number>();
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    const type = bytes.readUInt32LE(at);
    if (type === AT.AT_NULL) break;
    values.set(type, bytes.readUInt32LE(at + 12) * 2 ** 32 + bytes.readUInt32LE(at + 8));
  }
  return values;
}
