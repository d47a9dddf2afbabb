/**
 * libseccomp by FFI: its functions as they are, and no more. `libseccomp.ts` makes something usable of them.
 *
 * The only file that knows of ffi-napi, so that another FFI can take its place. Loading takes about 80 ms, therefore
 * nothing is loaded before the first call; and it crashes in a second thread, therefore: main thread only.
 */
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/** A pointer as ref-napi carries it. */
export interface Pointer extends Buffer {
  isNull(): boolean;
  reinterpret(size: number): Buffer;
}

/** Results below zero are negated errno. Actions, attributes and tokens are 32 bits. */
export interface Libseccomp {
  seccomp_version(): Pointer;
  seccomp_init(action: number): Pointer;
  seccomp_release(context: Pointer): void;
  seccomp_arch_add(context: Pointer, token: number): number;
  seccomp_arch_remove(context: Pointer, token: number): number;
  seccomp_attr_set(context: Pointer, attribute: number, value: number): number;
  seccomp_syscall_resolve_name(name: string): number;
  seccomp_rule_add_array(
    context: Pointer,
    action: number,
    syscall: number,
    count: number,
    comparisons: Buffer | null,
  ): number;
  seccomp_export_bpf(context: Pointer, fd: number): number;
  seccomp_export_pfc(context: Pointer, fd: number): number;
}

interface LibC {
  memfd_create(name: string, flags: number): number;
}

type Signatures<T> = Record<keyof T, [result: string, parameters: string[]]>;

interface Ffi {
  Library<T>(file: string | null, functions: Signatures<T>): T;
}

const SIGNATURES: Signatures<Libseccomp> = {
  seccomp_version: ['pointer', []],
  seccomp_init: ['pointer', ['uint32']],
  seccomp_release: ['void', ['pointer']],
  seccomp_arch_add: ['int', ['pointer', 'uint32']],
  seccomp_arch_remove: ['int', ['pointer', 'uint32']],
  seccomp_attr_set: ['int', ['pointer', 'int', 'uint32']],
  seccomp_syscall_resolve_name: ['int', ['string']],
  // The variadic seccomp_rule_add passes structs by value, which FFI gets wrong.
  seccomp_rule_add_array: ['int', ['pointer', 'uint32', 'int', 'uint', 'pointer']],
  seccomp_export_bpf: ['int', ['pointer', 'int']],
  seccomp_export_pfc: ['int', ['pointer', 'int']],
};

const MISSING =
  'libseccomp.so.2 cannot be loaded. Install it with: apt install libseccomp2 (Debian, Ubuntu), ' +
  'dnf install libseccomp (Fedora), pacman -S libseccomp (Arch), apk add libseccomp (Alpine), ' +
  'zypper install libseccomp2 (openSUSE)';

const MFD_CLOEXEC = 1;

let ffi: Ffi | undefined;
let library: Libseccomp | undefined;
let libc: LibC | undefined;

function loadFfi(): Ffi {
  if (!isMainThread) throw new Error('libseccomp works in the main thread only: ffi-napi crashes in others');
  return (ffi ??= createRequire(import.meta.url)('ffi-napi') as Ffi);
}

/** @throws Error that names the package when the library is not installed. */
export function loadLibseccomp(file = 'libseccomp.so.2'): Libseccomp {
  if (library) return library;
  const loaded = loadFfi();
  try {
    return (library = loaded.Library(file, SIGNATURES));
  } catch (cause) {
    throw new Error(MISSING, { cause });
  }
}

/** Of the library that is loaded, as '2.5.4'. */
export function libseccompVersion(): string {
  const words = loadLibseccomp().seccomp_version().reinterpret(12);
  return [0, 4, 8].map((offset) => words.readUInt32LE(offset)).join('.');
}

/** A file in memory, for libseccomp to write to: it exports to descriptors only. Nothing is left when we are killed. */
export function createMemoryFile(name: string): number {
  libc ??= loadFfi().Library<LibC>(null, { memfd_create: ['int', ['string', 'uint']] });
  const fd = libc.memfd_create(name, MFD_CLOEXEC);
  if (fd < 0) throw new Error('memfd_create failed: the kernel is older than 3.17, or out of descriptors');
  return fd;
}
