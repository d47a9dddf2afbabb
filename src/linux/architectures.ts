/**
 * Architectures as seccomp and audit number them (include/uapi/linux/audit.h): the ELF machine, with bit 31 for
 * 64 bits and bit 30 for little-endian. One kernel serves several: x86-64 also runs i386 (int 0x80) and x32.
 */
export const AUDIT_ARCHITECTURES = {
  'x86-64': 0xc000_003e,
  i386: 0x4000_0003,
  arm64: 0xc000_00b7,
  arm: 0x4000_0028,
  riscv64: 0xc000_00f3,
  ppc64le: 0xc000_0015,
  s390x: 0x8000_0016,
  loongarch64: 0xc000_0102,
} as const;

export type AuditArchitecture = keyof typeof AUDIT_ARCHITECTURES;

/** Those that ring3 runs on, and has system-call tables for. */
export const ARCHITECTURES = ['x86-64', 'arm64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/**
 * x32 calls say x86-64 in `arch` and set this bit in `nr` (__X32_SYSCALL_BIT, arch/x86/include/uapi/asm/unistd.h).
 * A filter that looks at the architecture alone has not seen them.
 */
export const X32_BIT = 0x4000_0000;

export function auditArchitectureName(token: number): AuditArchitecture | undefined {
  const names = Object.keys(AUDIT_ARCHITECTURES) as AuditArchitecture[];
  return names.find((name) => AUDIT_ARCHITECTURES[name] === token >>> 0);
}

/** The architecture of this Node, which is that of the guests. @throws Error where ring3 has no tables. */
export function hostArchitecture(arch: string = process.arch): Architecture {
  if (arch === 'x64') return 'x86-64';
  if (arch === 'arm64') return 'arm64';
  throw new Error(`ring3 runs on x86-64 and arm64, and this Node is built for ${arch}`);
}
