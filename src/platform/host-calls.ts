/** Numbers of the host calls that control threads make. */
import { hostArchitecture } from '../linux/architectures.ts';
import { SYSCALLS } from '../linux/syscalls.ts';

const NAMES = [
  'arch_prctl',
  'clone',
  'close',
  'exit_group',
  'futex',
  'gettid',
  'kill',
  'lseek',
  'mmap',
  'mprotect',
  'munmap',
  'prctl',
  'pwrite64',
  'rt_sigaction',
  'rt_sigprocmask',
  'rt_sigreturn',
  'seccomp',
  'sendmsg',
  'sigaltstack',
  'tgkill',
] as const;

const table = SYSCALLS[hostArchitecture()];

export const hostCall = Object.fromEntries(NAMES.map((name) => [name, table[name] ?? -1])) as Record<
  (typeof NAMES)[number],
  number
>;
