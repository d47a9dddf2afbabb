/** What a call site becomes: which instructions move, and where in between the kernel is called. Changes nothing yet. */
import { SYSCALLS } from '../../linux/syscalls.ts';
import { decode } from './decode.ts';
import { int32, isBoundary, isJumpedTo, move, quad, type Moved } from './instructions.ts';
import type { Text } from './text.ts';
import { CAUGHT, CAUGHT_BY_CATCHING } from './trampolines.ts';

/** Bytes of `jmp *slot`. */
export const PATCH = 7;

export interface Patch {
  /** Address of the first instruction that moves. */
  start: number;
  /** Instructions before the call, and behind it. */
  before: Moved[];
  behind: Moved[];
  /** Goes on behind the patch, at this address; undefined: the last instruction leads elsewhere. */
  next: number | undefined;
  /** Needs a slot that catches who jumps into the middle. */
  catching: boolean;
}

const SYSCALL = [0x0f, 0x05] as const;
const XOR_EAX = [0x31, 0xc0] as const;
const MOV_EAX = 0xb8;
const MOV_RAX = [0x48, 0xc7, 0xc0] as const;
/** Opcodes with ModRM and 32 bits of immediate. */
const IMMEDIATES: ReadonlySet<number> = new Set([0x69, 0x81, 0xc7, 0xf7]);
/** How far before `syscall` the number may be loaded. */
const REACH = 32;
/** nop, nopw and nopl, int3. */
const PADDING: ReadonlySet<number> = new Set([0x90, 0x0f1f, 0xcc]);

/** For a call that was made. @param pc the address after `syscall` */
export function plan(text: Text, pc: number): Patch | undefined {
  const end = pc - text.address;
  if (end < 2 || end + REACH > text.bytes.length) return undefined;
  if (text.bytes[end - 2] !== SYSCALL[0] || text.bytes[end - 1] !== SYSCALL[1]) return undefined;
  return planFromNumber(text, pc) ?? planFromCall(text, pc);
}

/**
 * From `mov $number,%eax` on, with what stands between it and `syscall`. Nothing else need be known of who jumps here: the
 * only instruction that begins within the patch does so where it has a byte that is none.
 */
function planFromNumber(text: Text, pc: number): Patch | undefined {
  const { bytes, address } = text;
  const call = pc - 2 - address;
  const at = loadBefore(bytes, call);
  if (at < 0) return undefined;
  const before = sequence(text, at, call);
  if (!before || !isBoundary(bytes, at)) return undefined;
  // What begins at the seventh byte of a patch is not caught.
  if (before.length > 1 && before[0]!.length + before[1]!.length === PATCH - 1) return undefined;
  return { start: address + at, before, behind: [], next: pc, catching: false };
}

/** Where the nearest instruction is that loads a call's number; -1: not in reach. */
function loadBefore(bytes: Buffer, call: number): number {
  for (let at = call - 5; at >= Math.max(0, call - REACH); at--) {
    const length = loadOf(bytes, at);
    if (length > 0 && at + length <= call) return at;
  }
  return -1;
}

function numberOf(bytes: Buffer, load: number): number {
  return int32(bytes, load + loadOf(bytes, load) - 4);
}

/** @returns how long the instruction is that loads a call's number there; 0: there is none. No call is beyond 1023 */
function loadOf(bytes: Buffer, at: number): number {
  const first = bytes[at];
  if (first !== MOV_EAX && first !== MOV_RAX[0]) return 0;
  const length = first === MOV_EAX ? 5 : 7;
  if (length === 7 && (bytes[at + 1] !== MOV_RAX[1] || bytes[at + 2] !== MOV_RAX[2])) return 0;
  const end = at + length;
  return bytes[end - 3]! < 4 && bytes[end - 2] === 0 && bytes[end - 1] === 0 ? length : 0;
}

/** The instructions between two places, if all of them can move. */
function sequence({ bytes, address }: Text, from: number, to: number): Moved[] | undefined {
  const found: Moved[] = [];
  let at = from;
  while (at < to) {
    const moved = move(bytes, at, address + at);
    if (!moved || moved.last) return undefined;
    found.push(moved);
    at += moved.length;
  }
  return at === to ? found : undefined;
}

/** From `syscall` on, with what follows. */
function planFromCall(text: Text, pc: number): Patch | undefined {
  const { bytes, address } = text;
  const start = pc - 2;
  const behind: Moved[] = [];
  let at = pc - address;
  const end = at - 2 + PATCH;
  while (at < end) {
    const moved = move(bytes, at, address + at);
    if (!moved) return undefined;
    behind.push(moved);
    at += moved.length;
    if (!moved.last) continue;
    if (!isPadding(bytes, at, end)) return undefined;
    break;
  }
  const begins = beginnings(2, behind).filter((place) => place < PATCH);
  const jumpedTo = (place: number): boolean => isJumpedTo(bytes, start - address + place);
  if (begins.some((place) => !CAUGHT_BY_CATCHING.has(place) && jumpedTo(place))) return undefined;
  const catching = begins.some((place) => !CAUGHT.has(place));
  const next = behind[behind.length - 1]!.last ? undefined : address + at;
  return { start, before: [], behind, next, catching };
}

/** What follows a jump up to `end` is there for alignment only. */
function isPadding(bytes: Buffer, at: number, end: number): boolean {
  if (at >= end) return true;
  const found = decode(bytes, at);
  return found !== undefined && PADDING.has(found.opcode) && isPadding(bytes, at + found.length, end);
}

/** Where instructions begin, one after the other from `first` on. */
export function beginnings(first: number, moved: readonly Moved[]): number[] {
  let at = first;
  return moved.map(({ length }) => {
    at += length;
    return at - length;
  });
}

/** Places in a text, counted from its first byte to the end of `syscall`. */
export interface Found {
  /** `mov $number,%eax; syscall`, nothing between. */
  plain: number[];
  /** What else can be patched. */
  other: number[];
}

const NEEDLE = Buffer.from(SYSCALL);

/**
 * Calls that most programs make, and that stand at few places: the rest of a C library's hundreds of sites would cost more
 * than it saves. Sites of other calls trap once.
 */
const COMMON: ReadonlySet<number> = new Set(
  `read write open close stat fstat lstat newfstatat statx poll lseek mmap mprotect munmap mremap brk rt_sigaction
  rt_sigprocmask ioctl pread64 pwrite64 writev access faccessat faccessat2 pipe pipe2 dup dup2 dup3 getpid getppid gettid
  clone clone3 vfork execve exit_group wait4 waitid kill uname fcntl getcwd chdir fchdir rename mkdir rmdir unlink unlinkat
  readlink readlinkat chmod fchmod chown umask utimensat getuid geteuid getgid getegid getpgrp getpgid setpgid getsid
  sigaltstack statfs fstatfs prctl arch_prctl prlimit64 getrlimit getrusage sysinfo getdents64 fadvise64 set_tid_address
  set_robust_list rseq openat getrandom socket connect sendmsg recvmsg sendto recvfrom ftruncate fsync madvise
  sched_getaffinity sched_yield epoll_create1 epoll_ctl epoll_wait eventfd2 rt_sigreturn copy_file_range`
    .split(/\s+/)
    .map((name) => SYSCALLS['x86-64'][name] ?? -1),
);

/** Common calls that can be patched before they are made: where it is certain that these bytes are one. */
export function search(text: Text): Found {
  const { bytes, address } = text;
  const found: Found = { plain: [], other: [] };
  for (let call = bytes.indexOf(NEEDLE); call >= 0; call = bytes.indexOf(NEEDLE, call + 2)) {
    const end = call + 2;
    const load = loadBefore(bytes, call);
    if (load >= 0 && !COMMON.has(numberOf(bytes, load))) continue;
    if (load === call - 5 && isLoad(bytes, load)) found.plain.push(end);
    else if (load >= 0 && planFromNumber(text, address + end)) found.other.push(end);
    else if (isRead(bytes, call - 2) && isBoundary(bytes, call - 2)) found.other.push(end);
  }
  return found;
}

/**
 * Is what looks like `mov $number,%eax` right before `syscall` one? It could be the end of a longer instruction: with a REX
 * prefix, or an immediate operand behind a displacement of one byte. As other operands its bytes make no sense there.
 */
function isLoad(bytes: Buffer, at: number): boolean {
  const prefixed = (bytes[at - 1]! & 0xf0) === 0x40;
  const doubtful = prefixed || IMMEDIATES.has(bytes[at - 2]!) || IMMEDIATES.has(bytes[at - 3]!);
  return !doubtful || isBoundary(bytes, at);
}

/** Is it `xor %eax,%eax`: the number of read(2)? */
function isRead(bytes: Buffer, at: number): boolean {
  return bytes[at] === XOR_EAX[0] && bytes[at + 1] === XOR_EAX[1];
}

/** `mov $pc,%rcx; mov %rcx,%r11`, or with something behind the jump that follows `lea …(%rip),%r11`. */
export function callCode(pc: number, behind: boolean): number[] {
  const goOn = behind ? [0x4c, 0x8d, 0x1d, 5, 0, 0, 0] : [0x49, 0x89, 0xcb];
  return [0x48, 0xb9, ...quad(pc), ...goOn];
}
