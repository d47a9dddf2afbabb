/**
 * The filter of the kernel's own process: which calls of the host Node, V8 and libuv need to run a kernel whose modules are
 * loaded. What is refused is an error, not the end, for Node tries things and goes on without; a test finds out by doing
 * them what hostile code can do.
 */
import { CLASS, encode, JUMP, MODE, ALU, type Instruction } from '../../confine/seccomp/bpf.ts';
import { AUDIT_ARCHITECTURES, hostArchitecture } from '../../linux/architectures.ts';
import { EPERM, ENOSYS } from '../../linux/errno.ts';
import { syscallNumber } from '../../linux/syscalls.ts';
import type { PlatformName } from '../../platform/platform.ts';

/** An argument's low half, of which the bits in `mask` must be one of `values`. */
interface Condition {
  argument: number;
  mask?: number;
  values: readonly number[];
}

type Rule = string | readonly [name: string, ...conditions: Condition[]];

// open(2): O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND, and the bit of O_TMPFILE that is its own.
const WRITES = 0o1 | 0o2 | 0o100 | 0o1000 | 0o2000 | 0o20000000;
// clone(2)
const CLONE_THREAD = 0x1_0000;
const CLONE_VM = 0x100;
/** CLONE_PTRACE, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, IO; and the two that make a thread. */
const CLONE_MATTERS = 0x2000 | 0x2_0000 | 0x7e00_0000 | CLONE_THREAD | CLONE_VM;
const PR_SET_NAME = 15;
const PR_SET_VMA = 0x53564d41;
const TCSETS = 0x5402;
// ioctl(2): what a terminal is asked and told (TIOCSTI is not among it), and flags of a descriptor.
const TERMINAL = [
  0x5401,
  TCSETS,
  TCSETS + 1,
  TCSETS + 2,
  0x540f,
  0x5410,
  0x5413,
  0x541b,
  0x5421,
  0x5450,
  0x5451,
];
// SECCOMP_IOCTL_NOTIF_RECV, SEND, ID_VALID, SET_FLAGS
const NOTIFICATIONS = [0xc0502100, 0xc0182101, 0x40082102, 0x40082104];

const MEMORY: readonly Rule[] = ['brk', 'madvise', 'mmap', 'mprotect', 'mremap', 'munmap'];
const THREADS: readonly Rule[] = [
  ['clone', { argument: 0, mask: CLONE_MATTERS, values: [CLONE_THREAD | CLONE_VM] }],
  'exit',
  'exit_group',
  'futex',
  'getpid',
  'gettid',
  ['prctl', { argument: 0, values: [PR_SET_NAME, PR_SET_VMA] }],
  'rseq',
  'rt_sigaction',
  'rt_sigprocmask',
  'rt_sigreturn',
  'restart_syscall',
  'sched_getaffinity',
  'sched_yield',
  'sched_getparam',
  'sched_getscheduler',
  'set_robust_list',
  'sigaltstack',
];
const WAITING: readonly Rule[] = [
  'clock_gettime',
  'clock_nanosleep',
  'epoll_ctl',
  'epoll_pwait',
  'io_uring_enter',
  'poll',
  'wait4',
  'waitid',
];
/** Of descriptors that are open already. */
const DESCRIPTORS: readonly Rule[] = [
  'close',
  'fallocate',
  'fcntl',
  'fstat',
  'ftruncate',
  'getdents64',
  'getpeername',
  'getsockname',
  'getsockopt',
  'lseek',
  'pread64',
  'pwrite64',
  'read',
  'shutdown',
  'write',
  'writev',
];
const NAMES: readonly Rule[] = ['getrandom', 'newfstatat', 'readlink', 'statx'];
const READING: readonly Rule[] = [['openat', { argument: 2, mask: WRITES, values: [0] }]];

/** Names and contents of a folder that the guest may write to; which it is, Landlock knows. */
const CHANGING: readonly Rule[] = [
  'chmod',
  'fchmodat',
  'fdatasync',
  'fsync',
  'lchown',
  'link',
  'linkat',
  'mkdir',
  'mkdirat',
  'openat',
  'rename',
  'renameat',
  'rmdir',
  'symlink',
  'symlinkat',
  'truncate',
  'unlink',
  'unlinkat',
  'utimensat',
];

/** Interfaces that glibc and libuv try before an older one. */
const ABSENT = ['clone3', 'openat2', 'io_uring_setup', 'io_uring_register'];

/** Each platform's own ways of waiting for a guest. */
const PLATFORMS: Record<PlatformName, readonly Rule[]> = {
  rewrite: [['ioctl', { argument: 1, values: TERMINAL }]],
  trap: [['ioctl', { argument: 1, values: TERMINAL }]],
  notify: [
    ['ioctl', { argument: 1, values: [...TERMINAL, ...NOTIFICATIONS] }],
    'timer_create',
    'timer_settime',
    'timer_delete',
    'sched_setaffinity',
  ],
  ptrace: [
    ['ioctl', { argument: 1, values: TERMINAL }],
    'ptrace',
    'process_vm_readv',
    'process_vm_writev',
    'timer_create',
    'timer_settime',
    'timer_delete',
    'sched_setaffinity',
  ],
};

const load = (k: number): Instruction => ({ code: CLASS.LD | MODE.ABS, jt: 0, jf: 0, k });
const give = (k: number): Instruction => ({ code: CLASS.RET, jt: 0, jf: 0, k: k >>> 0 });
const equals = (k: number, jt: number, jf: number): Instruction => ({
  code: CLASS.JMP | JUMP.JEQ,
  jt,
  jf,
  k: k >>> 0,
});

const ALLOW = 0x7fff_0000;
const error = (errno: number): number => 0x0005_0000 | errno;

/** Sorted by number, a search of a few steps would be shorter; but each call costs the host a nanosecond an instruction. */
export function kernelFilter(
  platform: PlatformName,
  writes: boolean,
  processId: number = process.pid,
): Uint8Array {
  const ownThreads: Rule = ['tgkill', { argument: 0, values: [processId] }];
  const rules = [
    ...MEMORY,
    ...THREADS,
    ...WAITING,
    ...DESCRIPTORS,
    ...NAMES,
    ...(writes ? CHANGING : READING),
    ...PLATFORMS[platform],
    ownThreads,
  ];
  return encode([
    load(4),
    equals(AUDIT_ARCHITECTURES[hostArchitecture()], 1, 0),
    give(error(EPERM)),
    load(0),
    ...rules.flatMap(allowed),
    ...ABSENT.flatMap((name) => forNumber(name, [give(error(ENOSYS))])),
    give(error(EPERM)),
  ]);
}

function allowed(rule: Rule): Instruction[] {
  const [name, ...conditions] = typeof rule === 'string' ? [rule] : rule;
  return forNumber(name, [...conditions.flatMap(holds), give(ALLOW)]);
}

/** Calls that this architecture does not have need no rule. */
function forNumber(name: string, then: Instruction[]): Instruction[] {
  const number = syscallNumber(hostArchitecture(), name);
  return number === undefined ? [] : [equals(number, 0, then.length), ...then];
}

/** Goes on when the condition holds, and refuses otherwise. */
function holds({ argument, mask, values }: Condition): Instruction[] {
  const tests = values.map((value, index) => equals(value, values.length - index, 0));
  const masked = mask === undefined ? [] : [{ code: CLASS.ALU | ALU.AND, jt: 0, jf: 0, k: mask >>> 0 }];
  return [load(16 + 8 * argument), ...masked, ...tests, give(error(EPERM))];
}
