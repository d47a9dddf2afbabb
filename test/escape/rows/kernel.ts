/** Ways into the one kernel that everybody shares, and to the machine's switches. */
import type { Row } from '../row.ts';

const filtered = 'the seccomp profile does not have the call (src/confine/seccomp)';
const covered =
  'masked and read-only paths (src/confine/rootfs/kernel-files.ts); the host’s root is nobody inside';

export const kernel: Row[] = [
  { name: 'sysrq', danger: 'reboots the machine', stops: covered, needsRoot: 'show', absent: /ENOENT/ },
  { name: 'core-pattern', danger: 'the kernel starts a program outside', stops: covered, needsRoot: 'show' },
  { name: 'proc-sys', danger: 'changes settings of the whole machine', stops: covered, needsRoot: 'show' },
  {
    name: 'sysfs-writes',
    danger: 'changes settings of the whole machine',
    stops: covered,
    needsRoot: 'show',
  },
  {
    name: 'kernel-memory',
    danger: 'reads everything',
    stops: covered,
    needsRoot: 'show',
    absent: /ENOENT|EPERM/,
  },
  {
    name: 'kernel-log',
    danger: 'reads and forges the kernel’s log',
    stops: `${filtered}; no /dev/kmsg`,
    needsRoot: 'show',
  },
  {
    name: 'int80-calls',
    danger: 'makes 32-bit calls that the filter does not know',
    stops: 'the filter looks at the architecture first',
    absent: /killed by signal 11|ENOEXEC|ENOSYS/,
  },
  {
    name: 'x32-calls',
    danger: 'makes x32 calls that the filter does not know',
    stops: 'the filter refuses numbers with bit 30 set',
    absent: /ENOSYS|ENOEXEC/,
  },
  {
    name: 'bpf-load',
    danger: 'loads code into the kernel',
    stops: filtered,
    needsRoot: 'show',
    absent: /ENOSYS/,
  },
  {
    name: 'perf-event',
    danger: 'watches others; a large attack surface',
    stops: filtered,
    absent: /ENOSYS|EACCES/,
  },
  { name: 'io-uring', danger: 'makes calls that no filter sees', stops: filtered, absent: /ENOSYS|EPERM/ },
  { name: 'userfault', danger: 'wins races inside the kernel', stops: filtered, absent: /ENOSYS/ },
  { name: 'kexec', danger: 'replaces the kernel', stops: filtered, needsRoot: 'show', absent: /ENOSYS/ },
  {
    name: 'module-load',
    danger: 'loads code into the kernel',
    stops: filtered,
    needsRoot: 'show',
    absent: /ENOSYS/,
  },
  { name: 'reboot', danger: 'turns the machine off', stops: filtered, needsRoot: 'show' },
  {
    name: 'host-clock',
    danger: 'turns everybody’s clock',
    stops: 'CAP_SYS_TIME counts only in the first user namespace; the profile refuses changes',
    needsRoot: 'show',
  },
  {
    name: 'host-name',
    danger: 'renames the host',
    stops: 'a uts namespace of its own, and no CAP_SYS_ADMIN even there',
    arguments: ({ namespace }) => [namespace('uts')],
    needsRoot: 'show',
  },
  {
    name: 'binfmt-misc',
    danger: 'chooses the interpreter of files for the whole machine',
    stops: covered,
    arguments: ({ namespace }) => [namespace('user')],
    shown: (_stage, command) => ['unshare', '-m', ...command],
    needsRoot: 'show',
    absent: /ENODEV/,
  },
  {
    name: 'wsl-interop',
    danger: 'starts Windows programs outside of Linux',
    stops: '/run is not the host’s, and WSL_INTEROP is not handed on',
    environment: ({ wsl }) => (wsl ? { WSL_INTEROP: '/run/WSL/1_interop' } : {}),
    needsRoot: 'show',
  },
  {
    name: 'odd-sockets',
    danger: 'reaches the hypervisor, audit, and rarely used code',
    stops: 'the seccomp profile allows only the families that programs use',
    absent: /^contained: (socket\(\w+\): (EAFNOSUPPORT|EPROTONOSUPPORT|EPERM|ESOCKTNOSUPPORT)(; )?)+$/m,
  },
  {
    name: 'packet-socket',
    danger: 'sees and forges everything on the wire',
    stops: 'CAP_NET_RAW is not kept; a network namespace without a wire',
    needsRoot: 'show',
  },
];
